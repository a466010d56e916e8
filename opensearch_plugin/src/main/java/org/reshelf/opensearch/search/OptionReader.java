package org.reshelf.opensearch.search;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.opensearch.OpenSearchException;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.ingest.ConfigurationUtils;

/**
 * Takes a processor's options out of its configuration, and refuses what cannot work, saying the
 * fix.
 */
final class OptionReader {

  private static final Pattern PROFILE = Pattern.compile("[a-z0-9_-]{1,64}");

  private final String type;
  private final String tag;
  private final Map<String, Object> config;

  OptionReader(String type, String tag, Map<String, Object> config) {
    this.type = type;
    this.tag = tag;
    this.config = config;
  }

  /** Refuses options that nobody has read, naming those there are. */
  void refuseOthersThan(List<String> known) {
    TreeSet<String> unknown = new TreeSet<>(config.keySet());
    known.forEach(unknown::remove);
    if (!unknown.isEmpty()) {
      throw refuse(unknown.first(), "is not an option of [" + type + "]; its options are " + known);
    }
  }

  int integer(String option, int fallback, int min, int max) {
    Object value = config.remove(option);
    if (value == null) {
      return fallback;
    }
    if (!(value instanceof Integer number) || number < min || number > max) {
      throw refuse(
          option, "must be a whole number from " + min + " to " + max + " but is [" + value + "]");
    }
    return number;
  }

  boolean flag(String option, boolean fallback) {
    Object value = config.remove(option);
    if (value == null) {
      return fallback;
    }
    if (!(value instanceof Boolean flag)) {
      throw refuse(option, "must be true or false but is [" + value + "]");
    }
    return flag;
  }

  String profile(String option) {
    String name = text(option, Limits.PROFILE_CHARACTERS);
    if (!name.isEmpty() && !PROFILE.matcher(name).matches()) {
      throw refuse(
          option,
          "must name a ranking profile by a-z, 0-9, [_] and [-], at most 64 characters, but is ["
              + name
              + "]");
    }
    return name;
  }

  private String text(String option, int limit) {
    Object value = config.remove(option);
    if (value == null) {
      return "";
    }
    if (!(value instanceof String text) || text.isBlank() || Limits.longerThan(text, limit)) {
      throw refuse(
          option, "must be a text of 1 to " + limit + " characters; leave it out for none");
    }
    return text;
  }

  TimeValue time(String option, TimeValue min, TimeValue max) {
    String text = text(option, 32);
    if (text.isEmpty()) {
      return null;
    }
    TimeValue time;
    try {
      time = TimeValue.parseTimeValue(text, option);
    } catch (IllegalArgumentException e) {
      throw refuse(option, "must be a time with its unit, such as [150ms], but is [" + text + "]");
    }
    if (time.compareTo(min) < 0 || time.compareTo(max) > 0) {
      throw refuse(option, "must be from " + min + " to " + max + " but is [" + text + "]");
    }
    return time;
  }

  /** The fields by full path; required, so that nobody ranks by nothing without saying so. */
  List<String> fields(String option) {
    Object value = config.remove(option);
    if (value == null) {
      throw refuse(
          option,
          "is required: name the document fields that the ranking profile reads, such as"
              + " [\"title\", \"brand\"], or an empty list for a profile that reads none");
    }
    if (!(value instanceof List<?> list) || list.size() > Limits.FIELDS) {
      throw refuse(option, "must be a list of at most " + Limits.FIELDS + " field names");
    }
    List<String> fields = new ArrayList<>();
    for (Object entry : list) {
      if (!(entry instanceof String field)
          || field.isBlank()
          || field.length() > Limits.FIELD_NAME_CHARACTERS
          || field.startsWith(".")
          || field.endsWith(".")
          || field.contains("..")) {
        throw refuse(option, "must hold names of fields but holds [" + entry + "]");
      }
      if (field.indexOf('*') >= 0) {
        throw refuse(option, "must name each field in full, without [*]: [" + field + "]");
      }
      if (fields.contains(field)) {
        throw refuse(option, "names [" + field + "] twice; once is enough");
      }
      fields.add(field);
    }
    return List.copyOf(fields);
  }

  /**
   * A section of texts by key, and of true or false for the keys that hold that. {@link Segments}
   * and {@link Experiments} come as the texts that those classes make of them.
   */
  Map<String, Object> section(String option, List<String> keys) {
    Object value = config.remove(option);
    if (value == null) {
      return Map.of();
    }
    if (!(value instanceof Map<?, ?> map)) {
      throw refuse(option, "must be an object with keys out of " + keys);
    }
    Map<String, Object> section = new HashMap<>();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      String key = String.valueOf(entry.getKey());
      String path = option + "." + key;
      if (!keys.contains(key)) {
        throw refuse(path, "is not known; allowed keys are " + keys);
      }
      if (key.equals(Segments.KEY)) {
        String text = entry.getValue() instanceof List<?> list ? Segments.of(list) : null;
        section.put(key, found(text, path, Segments.ALLOWED));
        continue;
      }
      if (key.equals(Experiments.KEY)) {
        String text = entry.getValue() instanceof Map<?, ?> arms ? Experiments.of(arms) : null;
        section.put(key, found(text, path, Experiments.ALLOWED));
        continue;
      }
      if (SearchSettings.FLAGS.contains(key)) {
        if (!(entry.getValue() instanceof Boolean)) {
          throw refuse(path, "must be true or false");
        }
      } else if (!(entry.getValue() instanceof String text)
          || text.isBlank()
          || Limits.longerThan(text, Searcher.limit(key))) {
        throw refuse(path, "must be a text of 1 to " + Searcher.limit(key) + " characters");
      }
      section.put(key, entry.getValue());
    }
    return section;
  }

  private String found(String text, String option, String allowed) {
    if (text == null) {
      throw refuse(option, allowed);
    }
    return text;
  }

  private OpenSearchException refuse(String option, String what) {
    return ConfigurationUtils.newConfigurationException(type, tag, option, what);
  }
}
