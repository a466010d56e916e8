package org.reshelf.opensearch.search;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.opensearch.common.io.stream.BytesStreamOutput;
import org.opensearch.common.regex.Regex;
import org.opensearch.core.common.bytes.BytesReference;
import org.opensearch.core.xcontent.XContentBuilder;
import org.opensearch.index.mapper.SourceFieldMapper;
import org.opensearch.search.SearchHit;
import org.opensearch.search.builder.SearchSourceBuilder;
import org.opensearch.search.fetch.StoredFieldsContext;
import org.opensearch.search.fetch.subphase.FetchSourceContext;
import org.opensearch.search.lookup.SourceLookup;

/**
 * What of a document's source the client asked for, and how that is had although the fields that
 * the ranking reads must come along.
 *
 * <p>The search fetches a superset, and each hit on the page is filtered again with the client's
 * own filter, as the fetch phase would have done it.
 */
final class SourceView {

  private final FetchSourceContext client;

  /** What is fetched instead of {@link #client}; null where the client's own does. */
  private final FetchSourceContext wider;

  private SourceView(FetchSourceContext client, FetchSourceContext wider) {
    this.client = client;
    this.wider = wider;
  }

  /**
   * Whether a search asked for hits without anything stored ({@code _none_}), not even their id:
   * such hits cannot be told apart, and no more can be fetched beside them.
   */
  static boolean forbidden(SearchSourceBuilder source) {
    return source.storedFields() != null && !source.storedFields().fetchFields();
  }

  /**
   * @param fields full paths of the fields that the ranking reads
   */
  static SourceView of(SearchSourceBuilder source, List<String> fields) {
    FetchSourceContext client = clientView(source, source.storedFields());
    if (!client.fetchSource()) {
      FetchSourceContext wider =
          fields.isEmpty()
              ? null
              : new FetchSourceContext(true, fields.toArray(String[]::new), null);
      return new SourceView(client, wider);
    }
    List<String> excludes = new ArrayList<>();
    for (String exclude : client.excludes()) {
      if (fields.stream().noneMatch(field -> covers(exclude, field))) {
        excludes.add(exclude);
      }
    }
    List<String> includes = new ArrayList<>(Arrays.asList(client.includes()));
    if (!includes.isEmpty()) {
      for (String field : fields) {
        if (Arrays.stream(client.includes()).noneMatch(include -> covers(include, field))) {
          includes.add(field);
        }
      }
    }
    boolean enough =
        includes.size() == client.includes().length && excludes.size() == client.excludes().length;
    return new SourceView(
        client,
        enough
            ? null
            : new FetchSourceContext(
                true, includes.toArray(String[]::new), excludes.toArray(String[]::new)));
  }

  /** What the fetch phase makes of a request, defaults included. */
  private static FetchSourceContext clientView(
      SearchSourceBuilder source, StoredFieldsContext stored) {
    FetchSourceContext asked = source.fetchSource();
    if (stored == null) {
      boolean scripts = source.scriptFields() != null && !source.scriptFields().isEmpty();
      return asked != null
          ? asked
          : scripts ? FetchSourceContext.DO_NOT_FETCH_SOURCE : FetchSourceContext.FETCH_SOURCE;
    }
    if (stored.fieldNames() != null && stored.fieldNames().contains(SourceFieldMapper.NAME)) {
      return asked == null
          ? FetchSourceContext.FETCH_SOURCE
          : new FetchSourceContext(true, asked.includes(), asked.excludes());
    }
    return asked == null ? FetchSourceContext.DO_NOT_FETCH_SOURCE : asked;
  }

  /** Whether a pattern takes a field in or out: it matches the field or an object around it. */
  private static boolean covers(String include, String field) {
    for (int end = field.length(); end > 0; end = field.lastIndexOf('.', end - 1)) {
      if (Regex.simpleMatch(include, field.substring(0, end))) {
        return true;
      }
    }
    return false;
  }

  /** What of the source the client asked for, defaults included. */
  FetchSourceContext client() {
    return client;
  }

  /** Whether {@link #restore} has something to do. */
  boolean restores() {
    return wider != null;
  }

  /** Lets the search fetch what the ranking reads. */
  void widen(SearchSourceBuilder source) {
    if (wider != null) {
      source.fetchSource(wider);
    }
  }

  /** Leaves of a hit what the client asked for. The same hit is changed and given back. */
  SearchHit restore(SearchHit hit) throws IOException {
    if (wider != null) {
      hit.sourceRef(client.fetchSource() ? filtered(hit.getSourceRef()) : null);
    }
    return hit;
  }

  /** As {@code FetchSourcePhase} filters. */
  private BytesReference filtered(BytesReference source) throws IOException {
    if (source == null) {
      return null;
    }
    SourceLookup lookup = new SourceLookup();
    lookup.setSource(source);
    Object value = lookup.filter(client);
    BytesStreamOutput out = new BytesStreamOutput(Math.min(1024, source.length()));
    XContentBuilder builder = new XContentBuilder(lookup.sourceContentType().xContent(), out);
    if (value == null) {
      builder.startObject().endObject();
    } else {
      builder.value(value);
    }
    return BytesReference.bytes(builder);
  }
}
