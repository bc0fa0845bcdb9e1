import type { auditOperations } from '#shared/contracts/operations/audit.ts'
import { cursorOf, type Row } from './row.ts'

export const auditRows: Readonly<Record<keyof typeof auditOperations, Row>> = {
  listAudit: {
    answers: 200,
    request: async (side) => {
      const { personId } = await side.chat()
      return { query: { personId } }
    },
    ids: {
      personId: {
        of: async (side) => (await side.chat()).personId,
        put: (wanted, personId) => ({ ...wanted, query: { personId } }),
        foreign: { status: 200 },
      },
      cursor: cursorOf(async (side) => {
        await side.chat()
        await side.chat()
        return '/audit'
      }),
    },
  },
}
