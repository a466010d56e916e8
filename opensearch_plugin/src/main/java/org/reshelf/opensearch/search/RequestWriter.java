package org.reshelf.opensearch.search;

import com.google.protobuf.Timestamp;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.opensearch.search.SearchHit;
import org.reshelf.v1.CandidateColumns;
import org.reshelf.v1.LayoutWish;
import org.reshelf.v1.Query;
import org.reshelf.v1.RerankRequest;

/** Writes what the sidecar is asked, within the contract's limits. */
final class RequestWriter {

  private RequestWriter() {}

  static RerankRequest write(
      SearchPlan plan, RerankOptions options, SearchHit[] hits, int candidates) throws IOException {
    Searcher searcher = plan.searcher().or(options.searcher());
    RerankRequest.Builder request =
        RerankRequest.newBuilder()
            .setQuery(
                Query.newBuilder()
                    .setText(Limits.truncate(plan.queryText(), Limits.QUERY_CHARACTERS))
                    .setId(plan.queryId())
                    .setIndex(plan.indices())
                    .addAllFilters(plan.filters()))
            .setShopper(searcher.shopper())
            .setContext(searcher.context().setTime(time(plan.startedMillis())))
            .setProfile(profile(plan, options))
            .setExplain(plan.explains())
            .setPage(
                org.reshelf.v1.Page.newBuilder()
                    .setStart(plan.window().from())
                    .setSize(plan.window().size()))
            .setLayout(layout(plan.asked()));
    Float strength = plan.asked() == null ? null : plan.asked().strength();
    if (strength != null) {
      request.setStrength(strength);
    }
    if (candidates > 0) {
      request.setColumns(columns(plan, hits, candidates));
    }
    return request.build();
  }

  /**
   * Asks which documents the rules that the text names hide.
   *
   * @param text what the sidecar wants to be asked of them
   */
  static RerankRequest check(SearchPlan plan, SearchHit[] documents, String text)
      throws IOException {
    return RerankRequest.newBuilder()
        .setQuery(Query.newBuilder().setId(plan.queryId()))
        .setLayout(LayoutWish.newBuilder().setRemoves(true).setCheck(text))
        .setColumns(columns(plan, documents, documents.length))
        .build();
  }

  /** Hits are taken out and brought in for every client; the rest is for those that ask. */
  private static LayoutWish layout(ReshelfExt asked) {
    LayoutWish.Builder wish =
        LayoutWish.newBuilder().setRemoves(true).setFetches(true).setChecks(true);
    if (asked != null) {
      wish.setMetadata(asked.layout())
          .setStructuredData(asked.structuredData())
          .setSponsored(asked.sponsored());
    }
    return wish.build();
  }

  private static CandidateColumns columns(SearchPlan plan, SearchHit[] hits, int candidates)
      throws IOException {
    CandidateColumns.Builder columns = CandidateColumns.newBuilder();
    FieldReader reader = new FieldReader(plan.fields());
    FieldColumns fields = new FieldColumns(plan.fields(), candidates);
    Map<String, Integer> indices = new LinkedHashMap<>();
    int[] indexOf = new int[candidates];
    int share = Math.min(Limits.CANDIDATE_CHARACTERS, Limits.REQUEST_CHARACTERS / candidates);
    for (int i = 0; i < candidates; i++) {
      SearchHit hit = hits[i];
      columns.addIds(hit.getId()).addScores(Float.isFinite(hit.getScore()) ? hit.getScore() : 0);
      String index = hit.getIndex() == null ? "" : hit.getIndex();
      indexOf[i] = indices.computeIfAbsent(index, name -> indices.size());
      fields.add(i, reader.read(hit.getSourceRef(), plan.textCharacters(), share));
    }
    columns.addAllIndices(indices.keySet());
    if (indices.size() > 1) {
      for (int place : indexOf) {
        columns.addIndexOf(place);
      }
    }
    fields.addTo(columns);
    return columns.build();
  }

  /** The request's own profile comes first, then the processor's, then the window's. */
  private static String profile(SearchPlan plan, RerankOptions options) {
    boolean asked = plan.asked() != null && plan.asked().text("profile") != null;
    return asked || options.profile().isEmpty() ? plan.profile() : options.profile();
  }

  private static Timestamp time(long millis) {
    return Timestamp.newBuilder()
        .setSeconds(Math.floorDiv(millis, 1000L))
        .setNanos((int) Math.floorMod(millis, 1000L) * 1_000_000)
        .build();
  }
}
