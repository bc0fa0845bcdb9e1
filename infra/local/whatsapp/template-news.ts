import type { Simulation } from './simulation.ts'
import type { Template } from './templates.ts'

/** What a change of a template is called in the webhook's `field`, and what is told. */
interface News {
  readonly field: string
  readonly value: Record<string, unknown>
}

/**
 * Puts templates and tells each account what changed of those that it knew: status, category,
 * quality and components, a webhook each. Throws a ZodError on a malformed one.
 */
export function putTemplates(simulation: Simulation, input: unknown): Template[] {
  return simulation.templates.put(input).map(({ before, after }) => {
    if (before !== undefined) tellAll(simulation, newsOf(before, after))
    return after
  })
}

/** Removes every language of a name and tells it; false when there is none. */
export function removeTemplates(simulation: Simulation, name: string): boolean {
  const removed = simulation.templates.remove(name)
  const deleted = removed.map((template) => statusNews({ ...template, status: 'DELETED' }))
  tellAll(simulation, deleted)
  return removed.length > 0
}

function newsOf(before: Template, after: Template): News[] {
  const quality = before.quality_score.score !== after.quality_score.score
  const components = JSON.stringify(before.components) !== JSON.stringify(after.components)
  return [
    ...(before.status === after.status ? [] : [statusNews(after)]),
    ...(before.category === after.category ? [] : [categoryNews(before, after)]),
    ...(quality ? [qualityNews(before, after)] : []),
    ...(components ? [componentsNews(after)] : []),
  ]
}

/** Here the id is a number and the language has a hyphen, unlike in the list of templates. */
function named({ id, name, language }: Template): Record<string, unknown> {
  return {
    message_template_id: Number(id),
    message_template_name: name,
    message_template_language: language.replace('_', '-'),
  }
}

function statusNews(template: Template): News {
  const { status, category, rejected_reason: rejected } = template
  const reason = status === 'REJECTED' ? (rejected ?? 'INVALID_FORMAT') : 'NONE'
  const details: Readonly<Record<string, object>> = {
    REJECTED: { rejection_info: { reason, recommendation: 'Review the template and submit it.' } },
    PAUSED: { other_info: { title: 'FIRST_PAUSE', description: 'Paused for 3 hours.' } },
    DISABLED: { disable_info: { disable_date: 'today' } },
  }
  return {
    field: 'message_template_status_update',
    value: {
      event: status,
      ...named(template),
      message_template_category: category,
      reason,
      ...details[status],
    },
  }
}

function categoryNews(before: Template, after: Template): News {
  return {
    field: 'template_category_update',
    value: {
      ...named(after),
      previous_category: before.category,
      new_category: after.category,
    },
  }
}

function qualityNews(before: Template, after: Template): News {
  return {
    field: 'message_template_quality_update',
    value: {
      previous_quality_score: before.quality_score.score,
      new_quality_score: after.quality_score.score,
      ...named(after),
    },
  }
}

function componentsNews(template: Template): News {
  const find = (wanted: string) => template.components.find(({ type }) => type === wanted)
  const title = find('HEADER')?.text
  const footer = find('FOOTER')?.text
  const buttons = find('BUTTONS')?.buttons?.map(({ type, text, url }) => ({
    message_template_button_type: type,
    message_template_button_text: text,
    message_template_button_url: url,
  }))
  return {
    field: 'message_template_components_update',
    value: {
      ...named(template),
      message_template_element: find('BODY')?.text,
      ...(title === undefined ? {} : { message_template_title: title }),
      ...(footer === undefined ? {} : { message_template_footer: footer }),
      ...(buttons === undefined ? {} : { message_template_buttons: buttons }),
    },
  }
}

/** The templates here belong to every account, so every account hears of them. */
function tellAll(simulation: Simulation, news: readonly News[]): void {
  const accounts = new Map(simulation.numbers.list().map((number) => [number.wabaId, number]))
  for (const number of accounts.values()) {
    for (const { field, value } of news) simulation.tell(number, { field, value })
  }
}
