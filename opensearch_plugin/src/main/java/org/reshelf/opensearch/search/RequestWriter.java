package org.reshelf.opensearch.search;

import com.google.protobuf.Timestamp;
import java.io.IOException;
import org.opensearch.search.SearchHit;
import org.reshelf.v1.Candidate;
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
                    .setIndex(plan.indices()))
            .setShopper(searcher.shopper())
            .setContext(searcher.context().setTime(time(plan.startedMillis())))
            .setProfile(profile(plan, options))
            .setExplain(plan.explains());
    FieldReader reader = new FieldReader(plan.fields());
    int share = Math.min(Limits.CANDIDATE_CHARACTERS, Limits.REQUEST_CHARACTERS / candidates);
    for (int i = 0; i < candidates; i++) {
      SearchHit hit = hits[i];
      request.addCandidates(
          Candidate.newBuilder()
              .setId(hit.getId())
              .setIndex(hit.getIndex() == null ? "" : hit.getIndex())
              .setScore(Float.isFinite(hit.getScore()) ? hit.getScore() : 0)
              .setRank(i + 1)
              .putAllFields(reader.read(hit.getSourceRef(), plan.textCharacters(), share)));
    }
    return request.build();
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
