/**
 * Shares of the mails of the whole account by SES's own count, above which it puts the account under
 * review; it stops it at 10 % of bounces and 0.5 % of complaints.
 */
export const reputationAlarms = {
  BounceRate: {
    share: 0.05,
    impact: 'over 5 % of the mails of this AWS account bounce; SES may stop all of them',
  },
  ComplaintRate: {
    share: 0.001,
    impact: 'over 0.1 % of the mails of this AWS account are called spam; SES may stop all of them',
  },
} as const

/**
 * Metrics of the product that wake somebody: name, and what people notice; part of the one list in
 * topology.ts.
 */
export const productAlarms: Readonly<Record<string, string>> = {
  AccountAlert: 'Meta restricts or warns of an account, a number or a template; sends may stop',
  BreakerOpened: 'a sender stopped sending; its messages wait until the provider takes them again',
  BusinessEventParked:
    'events of a finance system could not be applied; debts may be reminded of that are paid',
  TaskFailed: 'a task or a webhook chunk could not be processed; it is listed as a failure',
  TemplateChanged:
    'Meta paused, rejected, removed or recategorised templates; their sends are blocked',
  TemplateSyncFailed: "an account's templates could not be listed; what is known of them grows old",
  MediaFetchBlocked:
    'files that people sent cannot be fetched: a token is refused or Meta keeps them elsewhere now',
  MailPaused:
    "too many of a tenant's mails bounced; its marketing mails wait until somebody resumes",
  SendRefusedByLimit: 'sends are refused by a limit of Meta or the guard of the tenant',
  TemplateBlocked:
    'messages do not go because Meta paused, disabled or recategorised their template',
  SubscriptionPaused:
    "a program's webhook is not called any more: it failed for days or said that it is gone",
  AuditTailOld:
    'entries of the audit wait for their chain; until then nobody would see that one was changed',
  CellUnreadable: 'sealed cells of a tenant open under no key of it: they were damaged or moved',
  SenderUnknown:
    'somebody writes to a number, an account or an address that no tenant has; it is parked',
  EventBusFailed: 'the bus did not take events for days; programs inside AWS miss them',
}
