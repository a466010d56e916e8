/**
 * The two processors, and what they need of a search: its page, its words, its shopper, its fields.
 *
 * <p>One search goes this way:
 *
 * <ol>
 *   <li>{@code WindowProcessor} decides whether the search can be ordered at all, and if so makes
 *       it fetch the whole window that its page is cut from. Its {@code SearchPlan} says what the
 *       client asked for.
 *   <li>OpenSearch searches.
 *   <li>{@code RerankProcessor} takes the plan up, and {@code Reranking} has the window ordered: by
 *       the sidecar, or as {@code PageMemory} says that earlier pages were.
 *   <li>{@code Page} cuts the page out and gives it back with everything else of the response as it
 *       was. Where rules took hits out of the list or bring documents in, {@code Arranging} cuts
 *       it, after {@code FollowUp}s for the documents and for hits that are then missing. {@code
 *       DocumentCheck} asks the sidecar about the documents where a rule may hide them.
 * </ol>
 *
 * <p>The order of the answered hits is the sidecar's; their {@code _score} and the response's
 * {@code max_score} stay the first stage's, so that they mean the same with and without the
 * sidecar. They therefore need not fall down the list. The sidecar's own scores are in {@code
 * ext.reshelf} for those who ask to have them explained.
 */
package org.reshelf.opensearch.search;
