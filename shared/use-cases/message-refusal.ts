import { fileProblem } from '../domain/bound-template.ts'
import { Refusal, type RefusalCode, type RefusalDetail } from '../domain/errors.ts'
import { valueNamed } from '../domain/template-fill.ts'
import { explainMismatch, shapeOfContent, type TemplateShape } from '../domain/template-shape.ts'
import { useProblem } from '../domain/template-source.ts'
import type { Alerts } from '../ports/alerts.ts'
import type { ExpectedValues, MessageRefused, MessageWish } from '../ports/message-store.ts'

type Said = Pick<MessageWish, 'content' | 'fallback'>

/** What costs money or the number; somebody must hear of it. */
const limits: readonly RefusalCode[] = ['unique-users-limit', 'charged-limit']

/** What became of a template at the provider; its messages do not go until somebody acts. */
const templateBlocks: readonly RefusalCode[] = [
  'template-recategorised',
  'template-paused',
  'template-disabled',
  'template-not-approved',
]

/** Tells operators of what a tenant's messages were refused for, each code once. */
export function tellOfRefusals(
  alerts: Alerts,
  tenantId: string,
  codes: readonly RefusalCode[],
): void {
  for (const code of new Set(codes)) {
    if (limits.includes(code)) alerts.raise('SendRefusedByLimit', { tenantId, code })
    if (templateBlocks.includes(code)) alerts.raise('TemplateBlocked', { tenantId, code })
  }
}

/** The refusal of a message, with what to mend in it. */
export function refusalOfMessage(said: Said, refused: MessageRefused): Refusal {
  const { code, retryAfterSeconds, expectedShape, expectedValues } = refused
  const detail =
    expectedValues === undefined
      ? expectedShape && mismatch(said, expectedShape)
      : wrongValues(said, expectedValues)
  return new Refusal(code, retryAfterSeconds, detail)
}

/** What to mend in the values for a template of ours. */
function wrongValues({ content }: Said, expected: ExpectedValues): RefusalDetail | undefined {
  if (content.type !== 'named-template') return undefined
  const { variables, valueTypes = {}, attachments: wanted } = expected
  const given = content.attachments?.length ?? 0
  const ofFiles = fileProblem(wanted ?? given, given)
  return {
    expected: { ...expected },
    problems: [
      ...variables.flatMap((name) => {
        const message = useProblem(valueNamed(content.variables, name), valueTypes[name] ?? 'text')
        return message === undefined ? [] : [{ path: `content.variables.${name}`, message }]
      }),
      ...(ofFiles === undefined ? [] : [{ path: 'content.attachments', message: ofFiles }]),
    ],
  }
}

/** What to mend in the template that was given: the content, else its fallback. */
function mismatch({ content, fallback }: Said, shape: TemplateShape): RefusalDetail | undefined {
  if (content.type === 'named-template') return boundWrongly(shape)
  const template = content.type === 'template' ? content : fallback
  if (template === undefined) return undefined
  const place = content.type === 'template' ? 'content' : 'fallbackTemplate'
  return {
    expected: { ...shape },
    problems: explainMismatch(shape, shapeOfContent(template)).map(({ path, message }) => ({
      path: path.replace(/^content/, place),
      message,
    })),
  }
}

/** A template of ours whose provider's copy is another one than it was made for. */
function boundWrongly(shape: TemplateShape): RefusalDetail {
  const message = "does not fill the provider's template that it is bound to"
  return { expected: { ...shape }, problems: [{ path: 'content.name', message }] }
}
