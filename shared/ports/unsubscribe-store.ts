/** What one click on "unsubscribe" does. */
export interface UnsubscribeStore {
  /** False for a token that we never gave. Repeating it changes nothing. */
  unsubscribe(token: string): Promise<boolean>
}
