import { lintTemplate } from '../domain/billing/billing-lint.ts'
import { absentAtStep, type BillingStep } from '../domain/billing/billing-steps.ts'
import { billingVariableKinds } from '../domain/billing/billing-variables.ts'
import { longestValues } from '../domain/billing/longest-values.ts'
import type { Finding } from '../domain/billing/wording-lint.ts'
import { boundContent, type Filling } from '../domain/bound-template.ts'
import type { Caller } from '../domain/caller.ts'
import type { Channel } from '../domain/channel.ts'
import type { EmailContent } from '../domain/content.ts'
import { Refusal } from '../domain/errors.ts'
import type { TemplateSource } from '../domain/message-template.ts'
import type { OwnTemplate, OwnTemplateName, OwnTemplateWithSource } from '../domain/own-template.ts'
import type { TemplateContent } from '../domain/template-content.ts'
import { boundShape, valueTypesOf, variablesOf } from '../domain/template-source.ts'
import { valueText } from '../domain/template-values.ts'
import type { Page, PageRequest } from '../ports/chat-store.ts'
import type { MailLayout } from '../ports/mail-layout.ts'
import type { FoundTemplate, OwnTemplateStore } from '../ports/own-template-store.ts'
import { renderedMail } from './rendered-template.ts'

type Version = OwnTemplateName & { readonly version: number | undefined }

/** What a version became with some values. */
export interface PreviewedTemplate {
  readonly version: number
  readonly content: TemplateContent | (EmailContent & { readonly html: string })
}

/** What speaks against a version as a message about a debt. */
export interface LintedTemplate {
  readonly version: number
  readonly findings: readonly Finding[]
}

/** The templates of a tenant's own; those of somebody else are simply not found. */
export function makeKeepTemplates(templates: OwnTemplateStore, layout: MailLayout) {
  const find = async (caller: Caller, wanted: Version): Promise<FoundTemplate> => {
    const found = await templates.find(caller, wanted)
    if (found === undefined) throw new Refusal('template-not-found')
    return found
  }
  return {
    /** Throws Refusal `client-unknown`, `rate-limited`. */
    put: async (
      caller: Caller,
      wanted: OwnTemplateName & Pick<OwnTemplateWithSource, 'source' | 'category'>,
    ): Promise<{ readonly template: OwnTemplate; readonly isNew: boolean }> => {
      const { source, category } = wanted
      const answer = await templates.put({
        ...caller,
        ...wanted,
        category: source.channel === 'EMAIL' ? (category ?? 'transactional') : undefined,
        variables: variablesOf(source),
        valueTypes: valueTypesOf(source),
        shape: source.channel === 'WHATSAPP' ? boundShape(source) : undefined,
      })
      if (answer.outcome === 'refused') throw new Refusal(answer.code, answer.retryAfterSeconds)
      return answer
    },
    /** Throws Refusal `invalid-cursor`. */
    list: (
      caller: Caller,
      page: PageRequest & { readonly channel: Channel | undefined },
    ): Promise<Page<OwnTemplate>> => templates.list(caller, page),
    /** Throws Refusal `template-not-found`, `invalid-cursor`. */
    versions: async (
      caller: Caller,
      wanted: PageRequest & { readonly of: OwnTemplateName },
    ): Promise<Page<OwnTemplate>> => {
      const page = await templates.versions(caller, wanted)
      if (page.items.length === 0) throw new Refusal('template-not-found')
      return page
    },
    /** Throws Refusal `template-not-found`. */
    get: async (caller: Caller, wanted: Version): Promise<OwnTemplateWithSource> =>
      (await find(caller, wanted)).template,
    /** Throws Refusal `template-not-found`, `template-parameters` with what to mend. */
    preview: async (
      caller: Caller,
      { values, attachments, ...wanted }: Version & Omit<Filling, 'language'>,
    ): Promise<PreviewedTemplate> => {
      const found = await find(caller, wanted)
      return {
        version: found.template.version,
        content: filled(layout, found, { values, attachments }),
      }
    },
    /** Throws Refusal `template-not-found`. */
    lint: async (
      caller: Caller,
      { step, ...wanted }: Version & { readonly step: BillingStep | undefined },
    ): Promise<LintedTemplate> => {
      const { template } = await find(caller, wanted)
      const { version, source, language } = template
      const findings = lintTemplate(source, {
        knownVariables: Object.keys(billingVariableKinds),
        absentVariables: step === undefined ? [] : absentAtStep[step],
        sample: { values: longestValues, write: (value) => valueText(value, language) },
      })
      return { version, findings }
    },
  }
}

function filled(
  layout: MailLayout,
  { template, mailFrom: from }: FoundTemplate,
  brought: Omit<Filling, 'language'>,
): PreviewedTemplate['content'] {
  const { source, language, variables } = template
  const answer = rendered(layout, source, { ...brought, language, from })
  if (answer.outcome === 'filled') return answer.content
  throw new Refusal('template-parameters', undefined, {
    expected: { variables },
    problems: answer.problems,
  })
}

function rendered(
  layout: MailLayout,
  source: TemplateSource,
  filling: Parameters<typeof renderedMail>[2],
) {
  return source.channel === 'EMAIL'
    ? renderedMail(layout, source, filling)
    : boundContent(source, filling)
}
