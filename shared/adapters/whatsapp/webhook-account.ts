import type * as z from 'zod'
import { accountNews, reportedError, type webhookItem } from '#shared/contracts/whatsapp-webhook.ts'
import type {
  AccountEvent,
  AccountTopic,
  Severity,
  TemplateChange,
} from '#shared/domain/account-event.ts'
import { safeText } from '#shared/domain/clean-text.ts'
import { readError } from './error-table.ts'
import { accountFields } from './webhook-fields.ts'
import { defined, safeJson } from './well-formed.ts'

type Item = z.output<typeof webhookItem>
type News = z.output<typeof accountNews>

/** News of an account; `malformed` when there is nothing to read in it. */
export function readAccount(item: Item, raw: unknown, now: Date): AccountEvent | string {
  const news = accountNews.safeParse(item.payload).data
  if (news === undefined) return 'malformed'
  const topic = topicOf(item, news)
  if (topic === undefined) return 'unknown-field'
  const { wabaId } = item
  const template = wabaId === undefined ? undefined : changeOf(topic, wabaId, news)
  const at = item.time === undefined ? now : new Date(item.time * 1000)
  const event = defined({
    kind: 'account',
    channel: 'WHATSAPP',
    sender: defined({ phoneNumberId: item.metadata?.phone_number_id, wabaId }),
    topic,
    severity: judges[topic](news, item.payload),
    subject: subjectOf(news),
    occurredAt: (at > now ? now : at).toISOString(),
    template,
  })
  return { ...event, raw: safeJson(raw) }
}

/** By what it holds, since Meta's samples show other fields than they mean; else by its field. */
function topicOf({ reason, field }: Item, news: News): AccountTopic | undefined {
  if (reason === 'account-error') return reason
  const isOfTemplate = field?.includes('template') === true
  if (isOfTemplate && news.new_quality_score !== undefined) return 'template-quality'
  if (isOfTemplate && news.new_category !== undefined) return 'template-category'
  if (isOfTemplate && news.message_template_element !== undefined) return 'template-components'
  return accountFields.get(field)
}

/** A template's name, a number of ours, an account; never a person. */
function subjectOf(news: News): string | undefined {
  const { message_template_name: template, message_template_language: language } = news
  const named = template === undefined ? undefined : [template, languageOf(language)]
  const subject = named?.filter(Boolean).join(' ') ?? news.display_phone_number ?? news.entity_id
  return short(subject, 200)
}

function changeOf(topic: AccountTopic, wabaId: string, news: News): TemplateChange | undefined {
  const { message_template_id: providerTemplateId, message_template_name: name } = news
  const language = languageOf(news.message_template_language)
  const which = { wabaId, providerTemplateId, name, language }
  if (providerTemplateId === undefined && name === undefined) return undefined
  switch (topic) {
    case 'template-status':
      return defined({ ...which, status: statusOf(news.event), reason: reasonOf(news.reason) })
    case 'template-quality':
      return defined({ ...which, quality: short(news.new_quality_score, 16) })
    case 'template-components':
      return defined({ ...which, isRewritten: true })
    case 'template-category':
      return defined({
        ...which,
        category: isDone(news) ? short(news.new_category, 32) : undefined,
      })
    default:
      return undefined
  }
}

/** Webhooks write `en-US` where the API writes `en_US`. */
function languageOf(language: string | undefined): string | undefined {
  return short(language?.replace('-', '_'), 32)
}

/** What an event makes of a template; one that is FLAGGED is sent as before. */
const statuses: ReadonlyMap<string | undefined, string | undefined> = new Map([
  ['REINSTATED', 'APPROVED'],
  ['UNARCHIVED', 'APPROVED'],
  ['FLAGGED', undefined],
])

function statusOf(event: string | undefined): string | undefined {
  const status = statuses.has(event) ? statuses.get(event) : event
  return status !== undefined && /^[A-Z_]{1,32}$/.test(status) ? status : undefined
}

function reasonOf(reason: string | undefined): string | undefined {
  return reason === 'NONE' ? undefined : short(reason, 200)
}

function short(text: string | undefined, most: number): string | undefined {
  return text === undefined ? undefined : safeText(text.slice(0, most))
}

/** An upcoming change of category names the one that is deemed right, a done one the last. */
function isDone(news: News): boolean {
  return news.previous_category !== undefined && news.correct_category === undefined
}

const good = new Set(['APPROVED', 'PENDING', 'REINSTATED', 'UNARCHIVED'])
const bad = new Set([
  'DISABLED_UPDATE',
  'ACCOUNT_VIOLATION',
  'ACCOUNT_RESTRICTION',
  'ACCOUNT_DELETED',
])
const sinking = new Set(['FLAGGED', 'DOWNGRADE'])
const low = new Set(['RED', 'YELLOW'])
const alertSeverities: ReadonlyMap<string, Severity> = new Map([
  ['CRITICAL', 'critical'],
  ['WARNING', 'warning'],
])

type Judge = (news: News, payload: unknown) => Severity
const harmless: Judge = () => 'info'

const judges: Readonly<Record<AccountTopic, Judge>> = {
  'account-alert': ({ alert_info: alert }) =>
    alertSeverities.get(alert?.alert_severity ?? '') ?? 'info',
  'account-error': (_, payload) => errorSeverity(payload),
  'account-review': ({ decision }) => warningUnless(decision === 'APPROVED'),
  'account-update': ({ event = '' }) => (bad.has(event) ? 'critical' : 'info'),
  'business-capability': harmless,
  'business-username': harmless,
  'number-name': ({ decision }) => warningUnless(decision !== 'REJECTED'),
  'number-quality': ({ event = '' }) => warningUnless(!sinking.has(event)),
  security: () => 'warning',
  'template-category': (news) => warningUnless(news.new_category !== 'MARKETING'),
  'template-components': harmless,
  'template-quality': ({ new_quality_score: score = '' }) => warningUnless(!low.has(score)),
  'template-status': ({ event = '' }) =>
    event === 'DISABLED' ? 'critical' : warningUnless(good.has(event)),
}

function warningUnless(isFine: boolean): Severity {
  return isFine ? 'info' : 'warning'
}

function errorSeverity(payload: unknown): Severity {
  const code = reportedError.safeParse(payload).data?.code
  const errorClass = code === undefined ? undefined : readError(code, undefined, undefined).class
  return errorClass === 'stop-sender' ? 'critical' : 'warning'
}
