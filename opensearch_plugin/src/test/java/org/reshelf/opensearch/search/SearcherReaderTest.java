package org.reshelf.opensearch.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.opensearch.common.settings.Settings;
import org.opensearch.common.util.concurrent.ThreadContext;
import org.opensearch.core.common.io.stream.StreamOutput;
import org.opensearch.core.xcontent.XContentBuilder;
import org.opensearch.core.xcontent.XContentParser;
import org.opensearch.search.SearchExtBuilder;
import org.reshelf.v1.Consent;

class SearcherReaderTest {

  private final ThreadContext context = new ThreadContext(Settings.EMPTY);
  private final SearcherReader reader =
      new SearcherReader(
          Map.of(
              "client_id", "X-Client",
              "device", "X-Device",
              "consent", "X-Consent",
              "segments", "X-Segments",
              "experiments", "X-Experiments",
              "crawler", "X-Bot"));

  /** The UBI plugin's own class, of which nothing is known but its name and how it prints. */
  private static final class ForeignUbi extends SearchExtBuilder {
    @Override
    public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
      return builder
          .startObject("ubi")
          .field("query_id", "q-ubi")
          .field("client_id", "c-ubi")
          .field("user_query", "hallo")
          .field("application", "shop")
          .endObject();
    }

    @Override
    public String getWriteableName() {
      return "ubi";
    }

    @Override
    public void writeTo(StreamOutput out) {}

    @Override
    public int hashCode() {
      return 1;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof ForeignUbi;
    }
  }

  private static ReshelfExt ext(String json) throws IOException {
    try (XContentParser parser = Parsing.parser(json)) {
      parser.nextToken();
      return ReshelfExt.parse(parser);
    }
  }

  @Test
  void nothingIsRequired() throws IOException {
    SearcherReader.Said said = reader.read(List.of(), context);
    assertNull(said.asked());
    assertEquals(Searcher.UNKNOWN, said.searcher());
    assertEquals("", said.queryId());
  }

  @Test
  void theOwnSectionComesBeforeUbiBeforeHeadersBeforeThePipeline() throws IOException {
    context.putHeader("X-Client", "c-header");
    context.putHeader("X-Device", "mobile");
    context.putHeader("X-Consent", "false");
    SearcherReader.Said said =
        reader.read(List.of(new ForeignUbi(), ext("{\"client_id\": \"c-own\"}")), context);
    assertEquals("c-own", said.searcher().texts().get("client_id"));
    assertEquals("shop", said.searcher().texts().get("application"));
    assertEquals("mobile", said.searcher().texts().get("device"));
    assertEquals("q-ubi", said.queryId());
    assertEquals("hallo", said.userQuery());
    assertEquals(Consent.CONSENT_DENIED, said.searcher().shopper().getConsent());

    said = reader.read(List.of(new ForeignUbi()), context);
    assertEquals("c-ubi", said.searcher().texts().get("client_id"));

    said = reader.read(List.of(), context);
    assertEquals("c-header", said.searcher().texts().get("client_id"));
    Searcher pipeline = new Searcher(Map.of("client_id", "c-pipeline", "channel", "web"), true);
    Searcher both = said.searcher().or(pipeline);
    assertEquals("c-header", both.shopper().getClientId());
    assertEquals("web", both.context().getChannel());
    assertEquals(Consent.CONSENT_DENIED, both.shopper().getConsent());
  }

  @Test
  void crawlersAreMarkedByTheRequestAHeaderOrThePipeline() throws IOException {
    assertFalse(reader.read(List.of(), context).searcher().context().getCrawler());
    context.putHeader("X-Bot", "1");
    assertTrue(reader.read(List.of(), context).searcher().context().getCrawler());
    Searcher said = reader.read(List.of(ext("{\"crawler\": false}")), context).searcher();
    assertFalse(said.context().getCrawler());
    Searcher bots = new Searcher(Map.of(), null, true);
    assertTrue(Searcher.UNKNOWN.or(bots).context().getCrawler());
    assertFalse(said.or(bots).context().getCrawler());
  }

  @Test
  void segmentsAndExperimentsComeByHeader() throws IOException {
    context.putHeader("X-Segments", "runner, vip,, runner," + "x".repeat(65));
    context.putHeader("X-Experiments", "grid=b, banner = a, odd, =c, d=");
    Searcher said = reader.read(List.of(), context).searcher();
    assertEquals(List.of("runner", "vip"), said.shopper().getSegmentsList());
    assertEquals(Map.of("grid", "b", "banner", "a"), said.context().getExperimentsMap());
    said = reader.read(List.of(ext("{\"segments\": [\"own\"]}")), context).searcher();
    assertEquals(List.of("own"), said.shopper().getSegmentsList());
    assertEquals(2, said.context().getExperimentsCount());
  }

  @Test
  void aHeaderGivesNoMoreSegmentsAndExperimentsThanTheContractAllows() throws IOException {
    StringBuilder many = new StringBuilder("s0");
    StringBuilder arms = new StringBuilder("e0=a");
    for (int i = 1; i < 40; i++) {
      many.append(",s").append(i);
      arms.append(",e").append(i).append("=a");
    }
    context.putHeader("X-Segments", many.toString());
    context.putHeader("X-Experiments", arms.toString());
    Searcher said = reader.read(List.of(), context).searcher();
    assertEquals(32, said.shopper().getSegmentsCount());
    assertEquals(16, said.context().getExperimentsCount());
  }

  @Test
  void theOwnQueryIdComesFirst() throws IOException {
    SearcherReader.Said said =
        reader.read(List.of(ext("{\"query_id\": \"q-own\"}"), new ForeignUbi()), context);
    assertEquals("q-own", said.queryId());
  }

  @Test
  void whatAHeaderSaysTooLongIsIgnored() throws IOException {
    context.putHeader("X-Client", "x".repeat(129));
    assertFalse(reader.read(List.of(), context).searcher().texts().containsKey("client_id"));
  }

  @Test
  void idsAreNotPrinted() {
    assertEquals("Searcher[user_id]", new Searcher(Map.of("user_id", "secret"), null).toString());
  }
}
