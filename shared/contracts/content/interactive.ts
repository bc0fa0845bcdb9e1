import * as z from 'zod'
import { cleanLine, cleanText } from '../text.ts'
import { refuseCopies } from './distinct.ts'
import { filename, mediaId } from './media.ts'
import { webAddress } from './web-address.ts'

const type = z.literal('interactive')
const footer = cleanLine(60).optional()

const textHeader = z.strictObject({ type: z.literal('text'), text: cleanLine(60) })
const header = z
  .discriminatedUnion('type', [
    textHeader,
    z.strictObject({ type: z.literal('image'), mediaId }),
    z.strictObject({ type: z.literal('video'), mediaId }),
    z.strictObject({ type: z.literal('document'), mediaId, filename: filename.optional() }),
  ])
  .optional()

/** Meta: 1 to 3 buttons, id ≤ 256, title ≤ 20, none twice; body ≤ 1,024; footer ≤ 60. */
const buttonsContent = z
  .strictObject({
    type,
    kind: z.literal('buttons'),
    header,
    body: cleanText(1024),
    footer,
    buttons: z
      .array(z.strictObject({ id: cleanLine(256), title: cleanLine(20) }))
      .min(1)
      .max(3)
      .superRefine((buttons, context) => {
        for (const key of ['id', 'title'] as const) {
          const places = buttons.map((button, index) => ({
            value: button[key],
            path: [index, key],
          }))
          refuseCopies(places, context)
        }
      }),
  })
  .meta({ id: 'ButtonsContent' })

const row = z.strictObject({
  id: cleanLine(200),
  title: cleanLine(24),
  description: cleanLine(72).optional(),
})

const section = z.strictObject({ title: cleanLine(24).optional(), rows: z.array(row).min(1) })
type Sections = readonly z.output<typeof section>[]

const mostRows = 10

function checkSections(sections: Sections, context: Pick<z.RefinementCtx, 'addIssue'>): void {
  const rows = sections.flatMap((each, at) =>
    each.rows.map(({ id }, index) => ({ value: id, path: [at, 'rows', index, 'id'] })),
  )
  refuseCopies(rows, context)
  if (rows.length > mostRows) {
    context.addIssue({ code: 'custom', message: `must hold ${mostRows} rows or less in total` })
  }
  if (sections.length === 1) return
  for (const [at, { title }] of sections.entries()) {
    if (title !== undefined) continue
    const message = 'is required when there are several sections'
    context.addIssue({ code: 'custom', message, path: [at, 'title'] })
  }
}

/** Meta: ≤ 10 sections, ≤ 10 rows in total, section titles ≤ 24; body ≤ 4,096; text header only. */
const listContent = z
  .strictObject({
    type,
    kind: z.literal('list'),
    header: textHeader.optional(),
    body: cleanText(4096),
    footer,
    button: cleanLine(20),
    sections: z.array(section).min(1).max(10).superRefine(checkSections),
  })
  .meta({ id: 'ListContent' })

const linkContent = z
  .strictObject({
    type,
    kind: z.literal('cta_url'),
    header,
    body: cleanText(1024),
    footer,
    displayText: cleanLine(20),
    url: webAddress,
  })
  .meta({ id: 'LinkContent' })

export const interactiveContent = z
  .discriminatedUnion('kind', [buttonsContent, listContent, linkContent])
  .meta({ id: 'InteractiveContent' })
