package org.reshelf.opensearch.search;

/**
 * The page that the client asked for, and the window that is fetched and ordered for it.
 *
 * <p>Every page that begins inside the window is cut from the same list: the window in its new
 * order, then the first stage's hits behind it. So pages put together give each hit once, whatever
 * their sizes.
 *
 * @param from the first hit of the page, from 0
 * @param size hits on the page, at least 1
 * @param window how many of the best hits are ordered, at least 1
 * @param deepest how many hits the indices let a search reach
 */
record SearchWindow(int from, int size, int window, int deepest) {

  /** OpenSearch's own defaults, where a search names none. */
  static final int DEFAULT_SIZE = 10;

  /** With the depth that indices have where nothing else is said. */
  SearchWindow(int from, int size, int window) {
    this(from, size, window, IndexLimits.DEFAULT.maxResultWindow());
  }

  /** The page of a search, with the window made no larger than the indices allow. */
  static SearchWindow of(int from, int size, int window, int maxResultWindow) {
    return new SearchWindow(
        Math.max(0, from),
        size < 0 ? DEFAULT_SIZE : size,
        Math.min(window, maxResultWindow),
        maxResultWindow);
  }

  /** Whether the page begins inside the window; where it does not, it is left as it is. */
  boolean coversPage() {
    return from < window;
  }

  /** Hits to ask the first stage for, from 0. May exceed an int's range only if the client does. */
  long hitsToFetch() {
    return Math.max(window, (long) from + size);
  }

  /** How many of the fetched hits are ordered. */
  int candidates(int fetched) {
    return Math.min(fetched, window);
  }

  /** Where the page begins in the fetched hits; never beyond their end. */
  int pageStart(int fetched) {
    return Math.min(from, fetched);
  }

  /** Where the page ends in the fetched hits, exclusive. */
  int pageEnd(int fetched) {
    return (int) Math.min((long) from + size, fetched);
  }
}
