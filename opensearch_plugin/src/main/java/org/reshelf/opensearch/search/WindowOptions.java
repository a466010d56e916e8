package org.reshelf.opensearch.search;

import java.util.List;

/**
 * The options of the `reshelf_window` processor.
 *
 * @param window how many of the best hits are ordered
 * @param fields full paths of the document fields that the ranking reads
 * @param profile the ranking profile, empty for none
 * @param textCharacters the most characters of one text of a field
 * @param browse whether the sidecar is asked where no words are searched
 */
record WindowOptions(
    int window, List<String> fields, String profile, int textCharacters, boolean browse) {}
