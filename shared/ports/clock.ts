/** The time, as milliseconds since 1970 in UTC. Rules take it as an argument or from here only. */
export interface Clock {
  now(): number
}
