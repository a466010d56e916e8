package org.reshelf.opensearch.search;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.opensearch.action.search.SearchRequest;
import org.opensearch.index.query.BoolQueryBuilder;
import org.opensearch.index.query.IdsQueryBuilder;
import org.opensearch.index.query.MatchAllQueryBuilder;
import org.opensearch.index.query.QueryBuilder;
import org.opensearch.index.query.TermQueryBuilder;
import org.opensearch.search.SearchHit;
import org.opensearch.search.builder.SearchSourceBuilder;
import org.opensearch.search.collapse.CollapseBuilder;
import org.opensearch.search.fetch.subphase.FieldAndFormat;
import org.opensearch.search.rescore.RescorerBuilder;
import org.opensearch.search.sort.SortBuilder;

/**
 * Writes the searches that a search needs besides itself, where rules change how long its list is:
 * for documents that they bring in, and for further hits where they take some out.
 *
 * <p>Each searches what the first one did, without a pipeline, and shows its hits as the client
 * asked for them.
 */
final class FollowUp {

  /** Names the client's own query, so that a hit says whether that finds it too. */
  private static final String CLIENTS_QUERY = "reshelf.clients_query";

  private static final String NO_PIPELINE = "_none";

  private FollowUp() {}

  /**
   * For documents, under the request's own filters. Their score is what the client's query gives
   * them: 0 where it does not find them.
   *
   * @param request the search whose window was fetched
   * @param wanted at least one
   * @param wordFields whether words are looked for in a field
   * @param checked whether the fields that the ranking reads are to come along, as for candidates
   */
  static SearchRequest documents(
      SearchRequest request,
      SearchPlan plan,
      List<Fetched> wanted,
      Predicate<String> wordFields,
      boolean checked) {
    SearchSourceBuilder asked = request.source();
    BoolQueryBuilder query = new BoolQueryBuilder().filter(anyOf(wanted));
    QueryBuilder demanded = RequestFilters.of(asked.query(), wordFields);
    if (demanded != null) {
      // The client's own query beside it brings the same inner hits, and a name may be there once.
      query.filter(InnerHits.leftOutOf(demanded));
    }
    QueryBuilder own = asked.query() == null ? new MatchAllQueryBuilder() : asked.query();
    query.should(new BoolQueryBuilder().must(own).queryName(CLIENTS_QUERY));
    SearchSourceBuilder source =
        shownAlike(asked, plan.view()).query(query).postFilter(asked.postFilter());
    if (checked) {
      plan.view().widen(source);
    }
    if (asked.collapse() != null) {
      source.docValueField(asked.collapse().getField());
    }
    return with(request, source.size(Math.min(wanted.size(), plan.window().deepest())));
  }

  /** Whether a document's hit says that the client's query finds it; takes that off the hit. */
  static boolean isFoundAnyway(SearchHit hit, SearchSourceBuilder asked) {
    Map<String, Float> names = new HashMap<>(hit.getMatchedQueriesAndScores());
    boolean found = names.containsKey(CLIENTS_QUERY);
    if (found) {
      names.remove(CLIENTS_QUERY);
      hit.matchedQueriesWithScores(names);
    }
    return found && (asked.minScore() == null || hit.getScore() >= asked.minScore());
  }

  /**
   * For hits behind those that were fetched.
   *
   * @param from how many hits are before them in the first stage's order, without {@code not}
   * @param not documents that are not to be among them
   */
  static SearchRequest further(
      SearchRequest request, SearchPlan plan, int from, int size, List<Fetched> not) {
    SearchSourceBuilder asked = request.source();
    SearchSourceBuilder source = shownAlike(asked, plan.view());
    source.query(asked.query()).postFilter(without(asked.postFilter(), not));
    source.terminateAfter(asked.terminateAfter()).from(from).size(size);
    if (asked.minScore() != null) {
      source.minScore(asked.minScore());
    }
    if (asked.rescores() != null) {
      for (RescorerBuilder<?> rescore : asked.rescores()) {
        source.addRescorer(rescore);
      }
    }
    CollapseBuilder collapse = asked.collapse();
    if (collapse != null) {
      source.collapse(collapse);
    }
    return with(request, source);
  }

  /** A filter that lets through what the client's own does, but for these documents. */
  static QueryBuilder without(QueryBuilder filter, List<Fetched> documents) {
    if (documents.isEmpty()) {
      return filter;
    }
    BoolQueryBuilder narrower = new BoolQueryBuilder().mustNot(anyOf(documents));
    return filter == null ? narrower : narrower.filter(filter);
  }

  private static QueryBuilder anyOf(List<Fetched> documents) {
    Map<String, IdsQueryBuilder> byIndex = new HashMap<>();
    for (Fetched document : documents) {
      byIndex
          .computeIfAbsent(document.index(), index -> new IdsQueryBuilder())
          .addIds(document.id());
    }
    BoolQueryBuilder anyOf = new BoolQueryBuilder().minimumShouldMatch(1);
    byIndex.forEach(
        (index, ids) ->
            anyOf.should(
                index.isEmpty()
                    ? ids
                    : new BoolQueryBuilder()
                        .filter(ids)
                        .filter(new TermQueryBuilder("_index", index))));
    return anyOf;
  }

  /** The parts of a search that say how a hit looks, and which order hits have. */
  private static SearchSourceBuilder shownAlike(SearchSourceBuilder asked, SourceView view) {
    SearchSourceBuilder source =
        new SearchSourceBuilder()
            .fetchSource(view.client())
            .highlighter(asked.highlighter())
            .storedFields(asked.storedFields())
            .version(asked.version())
            .seqNoAndPrimaryTerm(asked.seqNoAndPrimaryTerm())
            .explain(asked.explain())
            .includeNamedQueriesScores(asked.includeNamedQueriesScore())
            .trackScores(asked.trackScores())
            .pointInTimeBuilder(asked.pointInTimeBuilder())
            .trackTotalHits(false);
    for (FieldAndFormat field : orNone(asked.docValueFields())) {
      source.docValueField(field.field, field.format);
    }
    for (FieldAndFormat field : orNone(asked.fetchFields())) {
      source.fetchField(field.field, field.format);
    }
    for (SearchSourceBuilder.ScriptField field : orNone(asked.scriptFields())) {
      source.scriptField(field.fieldName(), field.script(), field.ignoreFailure());
    }
    for (SearchSourceBuilder.IndexBoost boost : orNone(asked.indexBoosts())) {
      source.indexBoost(boost.getIndex(), boost.getBoost());
    }
    for (SortBuilder<?> sort : orNone(asked.sorts())) {
      source.sort(sort);
    }
    return source;
  }

  private static <T> List<T> orNone(List<T> list) {
    return list == null ? List.of() : list;
  }

  private static SearchRequest with(SearchRequest request, SearchSourceBuilder source) {
    return new SearchRequest(request).source(source).pipeline(NO_PIPELINE);
  }
}
