/**
 * Metrics of the product that wake somebody: name, and what people notice; part of the one list in
 * topology.ts.
 */
export const productAlarms: Readonly<Record<string, string>> = {
  AccountAlert: 'Meta restricts or warns of an account, a number or a template; sends may stop',
  BreakerOpened: 'a sender stopped sending; its messages wait until the provider takes them again',
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
  CellUnreadable: 'sealed cells of a tenant open under no key of it: they were damaged or moved',
  SenderUnknown:
    'Meta tells of a number or an account that no tenant has; what people write there is parked',
  EventBusFailed: 'the bus did not take events for days; programs inside AWS miss them',
}
