package org.reshelf.opensearch.search;

import java.util.Map;
import java.util.TreeMap;

/** The arms of experiments that a search is in, by the experiment's name; kept as one text. */
final class Experiments {

  static final String KEY = "experiments";

  /** What a value must be, to go into a sentence. */
  static final String ALLOWED =
      "must be an object of at most "
          + Limits.EXPERIMENTS
          + " names with the name of an arm each, both of 1 to "
          + Limits.LABEL_CHARACTERS
          + " characters";

  private static final String BETWEEN = "\n";
  private static final String IS = "\t";

  private Experiments() {}

  /** The arms as one text, by name; null where one is wrong or they are too many. */
  static String of(Map<?, ?> values) {
    Map<String, String> arms = new TreeMap<>();
    for (Map.Entry<?, ?> value : values.entrySet()) {
      if (!Labels.isOne(value.getKey()) || !Labels.isOne(value.getValue())) {
        return null;
      }
      arms.put(((String) value.getKey()).strip(), ((String) value.getValue()).strip());
    }
    return arms.size() > Limits.EXPERIMENTS ? null : written(arms);
  }

  /** As a header lists them: {@code name=arm,…}. What is wrong is left out. */
  static String ofHeader(String header) {
    Map<String, String> arms = new TreeMap<>();
    for (String part : header.split(",")) {
      int equals = part.indexOf('=');
      String name = equals < 0 ? "" : part.substring(0, equals);
      String arm = part.substring(equals + 1);
      if (Labels.isOne(name) && Labels.isOne(arm) && arms.size() < Limits.EXPERIMENTS) {
        arms.put(name.strip(), arm.strip());
      }
    }
    return written(arms);
  }

  private static String written(Map<String, String> arms) {
    return String.join(
        BETWEEN, arms.entrySet().stream().map(arm -> arm.getKey() + IS + arm.getValue()).toList());
  }

  /** The arms in a text that this class made. */
  static Map<String, String> in(String text) {
    Map<String, String> arms = new TreeMap<>();
    if (!text.isEmpty()) {
      for (String line : text.split(BETWEEN)) {
        String[] arm = line.split(IS, 2);
        arms.put(arm[0], arm[1]);
      }
    }
    return arms;
  }
}
