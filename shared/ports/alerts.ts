/** What operators must hear of; each name is a metric with an alarm in the topology. */
type AlertName =
  | 'AccountAlert'
  | 'BreakerOpened'
  | 'BusinessEventParked'
  | 'TaskFailed'
  | 'SendRefusedByLimit'
  | 'TemplateBlocked'
  | 'TemplateChanged'
  | 'TemplateSyncFailed'
  | 'MediaFetchBlocked'
  | 'MailPaused'
  | 'PossibleDuplicate'
  | 'SubscriptionPaused'
  | 'EventBusFailed'
  | 'AuditTailOld'
  | 'CellUnreadable'
  | 'SenderUnknown'

export interface Alerts {
  raise(name: AlertName, facts: Readonly<Record<string, string | number | undefined>>): void
}
