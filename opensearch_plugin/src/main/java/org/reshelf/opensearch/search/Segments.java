package org.reshelf.opensearch.search;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The groups that a shopper belongs to. They are kept as one text, like everything that is known of
 * a searcher: nodes of older versions know of texts only.
 */
final class Segments {

  static final String KEY = "segments";

  /** What a value must be, to go into a sentence. */
  static final String ALLOWED =
      "must be a list of at most "
          + Limits.SEGMENTS
          + " texts of 1 to "
          + Limits.LABEL_CHARACTERS
          + " characters";

  private static final String BETWEEN = "\n";

  private Segments() {}

  /** The segments as one text, each once; null where one is wrong or they are too many. */
  static String of(List<?> values) {
    Set<String> segments = new LinkedHashSet<>();
    for (Object value : values) {
      if (!Labels.isOne(value)) {
        return null;
      }
      segments.add(((String) value).strip());
    }
    return segments.size() > Limits.SEGMENTS ? null : String.join(BETWEEN, segments);
  }

  /** As a header lists them, with commas. What is wrong is left out. */
  static String ofHeader(String header) {
    Set<String> segments = new LinkedHashSet<>();
    for (String part : header.split(",")) {
      if (Labels.isOne(part) && segments.size() < Limits.SEGMENTS) {
        segments.add(part.strip());
      }
    }
    return String.join(BETWEEN, segments);
  }

  /** The segments in a text that this class made. */
  static List<String> in(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split(BETWEEN));
  }
}
