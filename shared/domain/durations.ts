/** Every wait of the product in seconds, from one setting. */
export interface Durations {
  /** How long a claimed send is ours; longer than a provider call, shorter than visibility. */
  readonly leaseSeconds: number
  readonly providerTimeoutSeconds: number
  /** How long a lost answer waits for a report before the message's policy decides. */
  readonly reportWaitSeconds: number
  /** How long a retrying message holds up the later ones of its chat and channel. */
  readonly patienceSeconds: number
  /** A due task not woken for this long is woken by the relay. */
  readonly staleSeconds: number
  readonly relayPeriodSeconds: number
  /** A message not accepted within this time is FAILED(expired), unless it says otherwise. */
  readonly horizonSeconds: number
  readonly backoffBaseSeconds: number
  readonly backoffCapSeconds: number
  /** Wait for a sender that cannot send until somebody acts. */
  readonly senderRetrySeconds: number
  /** An open breaker lets a probe through after this; doubled each time, up to the cap. */
  readonly breakerOpenSeconds: number
  readonly breakerCapSeconds: number
  /** How far ahead of its slot of the throughput a send may go. */
  readonly slotToleranceSeconds: number
  /** Meta: one message per pair in 6 s (facts: limits). */
  readonly pairIntervalSeconds: number
  /** After a look at the provider's history, until its answer is taken as final. */
  readonly probeWaitSeconds: number
  /** A message undelivered for this long was dropped by WhatsApp, unless its template says less. */
  readonly deliveryTtlSeconds: number
  /** Time for a late report after a message's time to live. */
  readonly deliveryGraceSeconds: number
  /** A whole list of an account's templates, shorter than the lease. */
  readonly templateListSeconds: number
  /** Before a list of templates that failed on the way is read again; doubled each time. */
  readonly templateRetrySeconds: number
  /** Before it is read again once Meta said that we ask too often. */
  readonly templateThrottleSeconds: number
  /** Within this time an account's templates are listed so many times at most. */
  readonly templateWindowSeconds: number
  /** One inbound file from its first request to the last byte in the bucket. */
  readonly mediaFetchSeconds: number
  /** How long claimed files are ours: longer than one fetch, they go side by side. */
  readonly mediaLeaseSeconds: number
  /** Of exports and erasures; longer than their functions may run, so that none outlives its lease. */
  readonly privacyLeaseSeconds: number
  readonly mediaBackoffBaseSeconds: number
  readonly mediaBackoffCapSeconds: number
  /** Meta forgets an inbound file after 7 days (facts: media). */
  readonly mediaIdSeconds: number
  /** Before a file whose upload failed on the way is brought again. */
  readonly uploadRetrySeconds: number
  /** One call of a receiver of events, from its name to the end of its answer; within the lease. */
  readonly eventCallSeconds: number
  /** Before an event is delivered a second time; the waits after it are multiples of this. */
  readonly eventRetrySeconds: number
  /** The longest that a receiver's own `retry-after` is heeded. */
  readonly eventRetryAfterCapSeconds: number
  /** From the first try of a delivery to its last one. */
  readonly eventTrialSeconds: number
  /** A receiver that failed several times in a row is left alone for this; doubled each time. */
  readonly eventHoldSeconds: number
  readonly eventHoldCapSeconds: number
  /** How far apart two cleanups of a tenant begin; less than a day, so that each day has one. */
  readonly cleanupEverySeconds: number
  /** After this every function knows a new key: keys and directory are kept for 5 minutes each. */
  readonly keyKnownSeconds: number
  /** A replaced signing secret signs beside the new one for so long. */
  readonly secretOverlapSeconds: number
}

/** Failures in a row that open a sender's breaker. */
export const failuresToOpen = 5
/** Of Meta's 200 calls an hour (facts: limits), with room for lists of several pages. */
export const mostTemplateSyncs = 30
/** Messages that a pair may borrow from its future. */
export const pairBurst = 45
/** Events can be read for so long, at any scale of time. */
export const eventRetentionDays = 30
/** Meta shows that somebody is writing for this long (facts: read receipt and typing). */
export const typingSeconds = 25

const production: Durations = {
  leaseSeconds: 45,
  providerTimeoutSeconds: 20,
  reportWaitSeconds: 900,
  patienceSeconds: 600,
  staleSeconds: 120,
  relayPeriodSeconds: 60,
  horizonSeconds: 4 * 3600,
  backoffBaseSeconds: 2,
  backoffCapSeconds: 300,
  senderRetrySeconds: 300,
  breakerOpenSeconds: 5,
  breakerCapSeconds: 60,
  slotToleranceSeconds: 0.25,
  pairIntervalSeconds: 6,
  probeWaitSeconds: 300,
  deliveryTtlSeconds: 30 * 86_400,
  deliveryGraceSeconds: 600,
  templateListSeconds: 35,
  templateRetrySeconds: 60,
  templateThrottleSeconds: 900,
  templateWindowSeconds: 3600,
  mediaFetchSeconds: 120,
  mediaLeaseSeconds: 150,
  privacyLeaseSeconds: 200,
  mediaBackoffBaseSeconds: 10,
  mediaBackoffCapSeconds: 3600,
  mediaIdSeconds: 7 * 86_400,
  uploadRetrySeconds: 30,
  eventCallSeconds: 15,
  eventRetrySeconds: 5,
  eventRetryAfterCapSeconds: 6 * 3600,
  eventTrialSeconds: 3 * 86_400,
  eventHoldSeconds: 5,
  eventHoldCapSeconds: 300,
  cleanupEverySeconds: 23 * 3600,
  keyKnownSeconds: 900,
  secretOverlapSeconds: 86_400,
}

/** All waits multiplied by `scale` (1 in production, smaller in rehearsals). */
export function durations(scale = 1): Durations {
  const scaled = Object.entries(production).map(([name, seconds]) => [name, seconds * scale])
  return Object.fromEntries(scaled) as Durations
}
