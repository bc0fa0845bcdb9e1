import type { suppressionOperations } from '#shared/contracts/operations/suppressions.ts'
import type { Side } from '#test/support/api-side.ts'
import { freshPhone } from '#test/support/stores-world.ts'
import { cursorOf, type Row } from './row.ts'

const suppress = async (side: Side): Promise<string> => {
  const body = { channel: 'WHATSAPP', address: freshPhone() }
  const { status, json } = await side.ask('POST /suppressions', { body })
  if (status !== 201) throw new Error(`the suppression answered ${status}`)
  return String(json?.suppressionId)
}

export const suppressionRows: Readonly<Record<keyof typeof suppressionOperations, Row>> = {
  listSuppressions: {
    answers: 200,
    request: async () => ({}),
    ids: {
      cursor: cursorOf(async (side) => {
        await suppress(side)
        await suppress(side)
        return '/suppressions'
      }),
    },
  },
  addSuppression: {
    answers: 201,
    request: async () => ({ body: { channel: 'WHATSAPP', address: freshPhone() } }),
  },
  removeSuppression: {
    answers: 204,
    request: async (side) => ({ params: { suppressionId: await suppress(side) } }),
  },
}
