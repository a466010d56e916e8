package org.reshelf.opensearch.search;

import org.opensearch.common.unit.TimeValue;

/**
 * The options of the `reshelf` processor.
 *
 * @param profile the ranking profile, empty for none
 * @param deadline the time a search gives the sidecar, null for the node's setting
 * @param searcher who is searching where the request does not say, for tools that cannot
 * @param nothingFound whether the sidecar is asked where nothing was found
 */
record RerankOptions(String profile, TimeValue deadline, Searcher searcher, boolean nothingFound) {}
