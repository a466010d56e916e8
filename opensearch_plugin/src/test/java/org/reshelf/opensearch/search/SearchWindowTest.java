package org.reshelf.opensearch.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SearchWindowTest {

  @Test
  void pagesOfAnySizePutTogetherAreTheWindowAndThenTheRest() {
    Random random = new Random(11);
    for (int trial = 0; trial < 2_000; trial++) {
      int matches = random.nextInt(60);
      int window = 1 + random.nextInt(50);
      List<Integer> shown = new ArrayList<>();
      for (int from = 0; from < 70; ) {
        int size = 1 + random.nextInt(20);
        SearchWindow page = SearchWindow.of(from, size, window, 10_000);
        if (page.coversPage()) {
          int fetched = (int) Math.min(page.hitsToFetch(), matches);
          assertTrue(page.candidates(fetched) == Math.min(window, matches));
          for (int i = page.pageStart(fetched); i < page.pageEnd(fetched); i++) {
            // Ordered backwards inside the window, as the first stage has it behind.
            shown.add(i < page.candidates(fetched) ? page.candidates(fetched) - 1 - i : i);
          }
        } else {
          for (int i = from; i < Math.min(from + size, matches); i++) {
            shown.add(i);
          }
        }
        from += size;
      }
      List<Integer> expected = new ArrayList<>();
      int ordered = Math.min(window, matches);
      for (int i = 0; i < matches; i++) {
        expected.add(i < ordered ? ordered - 1 - i : i);
      }
      assertEquals(expected, shown, "window " + window + " of " + matches);
    }
  }

  @Test
  void defaultsAreOpenSearchs() {
    assertEquals(new SearchWindow(0, 10, 100), SearchWindow.of(-1, -1, 100, 10_000));
  }

  @Test
  void theWindowIsNoLargerThanAnIndexAllows() {
    SearchWindow window = SearchWindow.of(30, 10, 100, 40);
    assertEquals(40, window.window());
    assertEquals(40, window.hitsToFetch());
    assertFalse(SearchWindow.of(40, 10, 100, 40).coversPage());
  }

  @Test
  void hugePagesDoNotOverflow() {
    SearchWindow window = SearchWindow.of(50, Integer.MAX_VALUE, 100, 10_000);
    assertEquals(50L + Integer.MAX_VALUE, window.hitsToFetch());
    assertEquals(70, window.pageEnd(70));
  }
}
