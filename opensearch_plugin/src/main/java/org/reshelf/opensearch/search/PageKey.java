package org.reshelf.opensearch.search;

import java.io.IOException;
import java.util.List;
import java.util.TreeMap;
import org.opensearch.action.search.SearchRequest;
import org.opensearch.common.hash.MurmurHash3;
import org.opensearch.common.io.stream.BytesStreamOutput;
import org.opensearch.core.common.bytes.BytesReference;
import org.opensearch.core.common.io.stream.StreamOutput;
import org.opensearch.search.SearchHit;
import org.opensearch.search.builder.SearchSourceBuilder;
import org.opensearch.search.rescore.RescorerBuilder;

/**
 * What two pages of one paginated query have in common: everything that decides which hits there
 * are, who sees them and how they are ordered, but not which of them are shown, and how.
 */
record PageKey(long high, long low) {

  /**
   * The key of a request, or null where its query cannot be written down.
   *
   * @param parts what else decides the order: the query's text, the profile, …
   */
  static PageKey of(
      SearchRequest request, SearchWindow window, Searcher searcher, List<String> parts) {
    SearchSourceBuilder source = request.source();
    try (BytesStreamOutput out = new BytesStreamOutput()) {
      out.writeStringArrayNullable(request.indices());
      out.writeOptionalString(request.routing());
      out.writeOptionalString(request.preference());
      out.writeByte(request.searchType().id());
      out.writeOptionalNamedWriteable(source.query());
      out.writeOptionalNamedWriteable(source.postFilter());
      out.writeOptionalFloat(source.minScore());
      out.writeVInt(source.rescores() == null ? 0 : source.rescores().size());
      if (source.rescores() != null) {
        for (RescorerBuilder<?> rescore : source.rescores()) {
          out.writeNamedWriteable(rescore);
        }
      }
      out.writeOptionalWriteable(source.collapse());
      out.writeList(source.indexBoosts());
      out.writeVInt(source.terminateAfter());
      out.writeOptionalString(
          source.pointInTimeBuilder() == null ? null : source.pointInTimeBuilder().getId());
      out.writeVInt(window.window());
      out.writeMap(
          new TreeMap<>(searcher.texts()), StreamOutput::writeString, StreamOutput::writeString);
      out.writeOptionalBoolean(searcher.consent());
      out.writeOptionalBoolean(searcher.crawler());
      for (String part : parts) {
        out.writeOptionalString(part);
      }
      MurmurHash3.Hash128 hash = hash(out);
      return new PageKey(hash.h1, hash.h2);
    } catch (IOException | RuntimeException e) {
      // Some queries refuse to be written before they are rewritten. They go without a memory.
      return null;
    }
  }

  /** A fingerprint of the first hits, in their order. */
  static long ofHits(SearchHit[] hits, int count) throws IOException {
    try (BytesStreamOutput out = new BytesStreamOutput(count * 32)) {
      for (int i = 0; i < count; i++) {
        out.writeOptionalString(hits[i].getIndex());
        out.writeOptionalString(hits[i].getId());
      }
      return hash(out).h1;
    }
  }

  private static MurmurHash3.Hash128 hash(BytesStreamOutput out) {
    byte[] bytes = BytesReference.toBytes(out.bytes());
    return MurmurHash3.hash128(bytes, 0, bytes.length, 0, new MurmurHash3.Hash128());
  }
}
