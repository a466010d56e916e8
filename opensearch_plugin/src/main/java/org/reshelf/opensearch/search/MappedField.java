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

  /**
   * The document's field by its full path, where an index is known to take its values as they are,
   * and not word by word; otherwise null. Of {@code brand.keyword} it is {@code brand}, of an alias
   * the field that it stands for.
   */
  static String exact(Map<String, Object> mapping, String field) {
    Found found = find(mapping, field, "");
    if (found != null && "alias".equals(found.definition().get("type"))) {
      found = find(mapping, String.valueOf(found.definition().get("path")), "");
    }
    return found != null
            && found.definition().get("type") instanceof String type
            && EXACT.contains(type)
        ? found.document()
        : null;
  }

  /** A field's definition, and the full path of the document's field that it is made of. */
  private record Found(Map<?, ?> definition, String document) {}

  /** What is at a path, through objects and the further fields of a field; or null. */
  private static Found find(Map<?, ?> definition, String path, String document) {
    for (String inside : new String[] {"properties", "fields"}) {
      if (!(definition.get(inside) instanceof Map<?, ?> fields)) {
        continue;
      }
      // A name may itself hold dots.
      for (int end = path.length(); end > 0; end = path.lastIndexOf('.', end - 1)) {
        String name = path.substring(0, end);
        if (fields.get(name) instanceof Map<?, ?> found) {
          String here = document.isEmpty() ? name : document + "." + name;
          String whose = inside.equals("fields") ? document : here;
          return end == path.length()
              ? new Found(found, whose)
              : find(found, path.substring(end + 1), whose);
        }
      }
    }
    return null;
  }
}
