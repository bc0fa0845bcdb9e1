/** How many webhook chunks wait to be applied: reports that were taken and are not shown yet. */
export interface WebhookBacklog {
  size(): Promise<number>
}
