import type { templateOperations } from '#shared/contracts/operations/templates.ts'
import { cursorOf, type Row } from './row.ts'

export const templateRows: Readonly<Record<keyof typeof templateOperations, Row>> = {
  listTemplates: {
    answers: 200,
    request: async () => ({}),
    ids: { cursor: cursorOf(async () => '/provider-templates') },
  },
  syncTemplates: {
    answers: 202,
    request: async (side) => {
      await side.forgetSyncs()
      return {}
    },
  },
  acceptTemplateCategory: {
    answers: 200,
    request: async (side) => ({ params: await side.template() }),
    plain: ['language'],
  },
}
