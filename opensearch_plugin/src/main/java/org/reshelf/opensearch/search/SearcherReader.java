package org.reshelf.opensearch.search;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.opensearch.common.util.concurrent.ThreadContext;
import org.opensearch.search.SearchExtBuilder;

/**
 * Gathers who is searching from the request: {@code ext.reshelf} before {@code ext.ubi} before the
 * request's headers. Only the first is checked by its parser; from the others, a text that is too
 * long is as good as none.
 */
final class SearcherReader {

  private static final Set<String> UBI_KEYS = Set.of("client_id", "application", "session_id");

  /** The header's name by the key that it fills. */
  private final Map<String, String> headers;

  SearcherReader(Map<String, String> headers) {
    this.headers = headers;
  }

  /**
   * What a request says of its search.
   *
   * @param asked {@code ext.reshelf}, null where the request has none
   * @param queryId the id that later events will name, empty where none was given
   * @param userQuery UBI's copy of what the shopper typed, empty where none was given
   */
  record Said(ReshelfExt asked, Searcher searcher, String queryId, String userQuery) {}

  Said read(List<SearchExtBuilder> sections, ThreadContext context) throws IOException {
    ReshelfExt asked = null;
    Map<String, Object> ubi = Map.of();
    for (SearchExtBuilder section : sections) {
      if (section instanceof ReshelfExt own) {
        asked = own;
      } else if (UbiExt.NAME.equals(section.getWriteableName())) {
        ubi = UbiExt.read(section);
      }
    }
    Searcher searcher = ofExt(asked).or(ofUbi(ubi)).or(ofHeaders(context));
    String queryId = asked == null ? null : asked.text("query_id");
    return new Said(
        asked,
        searcher,
        queryId == null ? text(ubi.get("query_id"), Limits.ID_CHARACTERS) : queryId,
        Limits.truncate(text(ubi.get("user_query"), Integer.MAX_VALUE), Limits.QUERY_CHARACTERS));
  }

  private static Searcher ofExt(ReshelfExt ext) {
    if (ext == null) {
      return Searcher.UNKNOWN;
    }
    Map<String, String> texts = new HashMap<>();
    for (String key : Searcher.KEYS) {
      if (ext.text(key) != null) {
        texts.put(key, ext.text(key));
      }
    }
    return new Searcher(texts, ext.consent(), ext.crawler());
  }

  private static Searcher ofUbi(Map<String, Object> ubi) {
    if (ubi.isEmpty()) {
      return Searcher.UNKNOWN;
    }
    Map<String, String> texts = new HashMap<>();
    for (String key : UBI_KEYS) {
      put(texts, key, ubi.get(key));
    }
    return new Searcher(texts, null);
  }

  private Searcher ofHeaders(ThreadContext context) {
    if (headers.isEmpty()) {
      return Searcher.UNKNOWN;
    }
    Map<String, String> texts = new HashMap<>();
    headers.forEach((key, header) -> put(texts, key, context.getHeader(header)));
    Boolean consent = flag(texts.remove(SearchSettings.CONSENT));
    Boolean crawler = flag(texts.remove(SearchSettings.CRAWLER));
    return new Searcher(texts, consent, crawler);
  }

  private static Boolean flag(String text) {
    return switch (text == null ? "" : text.strip()) {
      case "true", "1", "granted" -> true;
      case "false", "0", "denied" -> false;
      default -> null;
    };
  }

  private static void put(Map<String, String> texts, String key, Object value) {
    int limit = SearchSettings.FLAGS.contains(key) ? 16 : Searcher.limit(key);
    String said = text(value, limit);
    String text =
        switch (key) {
          case Segments.KEY -> Segments.ofHeader(said);
          case Experiments.KEY -> Experiments.ofHeader(said);
          default -> said;
        };
    if (!text.isEmpty()) {
      texts.put(key, text);
    }
  }

  private static String text(Object value, int limit) {
    if (!(value instanceof String text) || text.isBlank() || Limits.longerThan(text, limit)) {
      return "";
    }
    return text;
  }
}
