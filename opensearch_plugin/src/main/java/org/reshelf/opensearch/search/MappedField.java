package org.reshelf.opensearch.search;

import java.util.Map;
import java.util.Set;

/** Looks a field up in an index's mapping. */
final class MappedField {

  /** Types whose values are taken as they are: to ask for one is to filter. */
  private static final Set<String> EXACT =
      Set.of(
          "keyword",
          "constant_keyword",
          "wildcard",
          "boolean",
          "byte",
          "short",
          "integer",
          "long",
          "unsigned_long",
          "half_float",
          "float",
          "scaled_float",
          "double",
          "date",
          "date_nanos",
          "ip",
          "version");

  private MappedField() {}

  /** Whether an index is known to take a field's values as they are, and not word by word. */
  static boolean isExact(Map<String, Object> mapping, String field) {
    Map<?, ?> found = find(mapping, field);
    if (found != null && "alias".equals(found.get("type"))) {
      found = find(mapping, String.valueOf(found.get("path")));
    }
    return found != null && found.get("type") instanceof String type && EXACT.contains(type);
  }

  /** The definition at a path, through objects and the further fields of a field; or null. */
  private static Map<?, ?> find(Map<?, ?> definition, String path) {
    for (String inside : new String[] {"properties", "fields"}) {
      if (!(definition.get(inside) instanceof Map<?, ?> fields)) {
        continue;
      }
      // A name may itself hold dots.
      for (int end = path.length(); end > 0; end = path.lastIndexOf('.', end - 1)) {
        if (fields.get(path.substring(0, end)) instanceof Map<?, ?> found) {
          return end == path.length() ? found : find(found, path.substring(end + 1));
        }
      }
    }
    return null;
  }
}
