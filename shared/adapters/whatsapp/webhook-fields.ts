import type { AccountTopic } from '#shared/domain/account-event.ts'

/** The fields of a webhook that are about accounts, numbers and templates. */
export const accountFields: ReadonlyMap<unknown, AccountTopic> = new Map([
  ['account_alerts', 'account-alert'],
  ['account_review_update', 'account-review'],
  ['account_update', 'account-update'],
  ['business_capability_update', 'business-capability'],
  ['business_username_update', 'business-username'],
  ['message_template_components_update', 'template-components'],
  ['message_template_quality_update', 'template-quality'],
  ['message_template_status_update', 'template-status'],
  ['phone_number_name_update', 'number-name'],
  ['phone_number_quality_update', 'number-quality'],
  ['security', 'security'],
  ['template_category_update', 'template-category'],
])
