import { expect, it } from 'vitest'
import { startBench, startReceiver, text } from '#test/support/whatsapp-bench.ts'

it.each([1, 200])('carries 1,000 sends at once and their reports, %i to a POST', async (packed) => {
  const receiver = await startReceiver()
  const bench = await startBench(receiver.url, {
    settings: { webhooks: { maxUpdatesPerPost: packed } },
  })
  const answers = await Promise.all(
    Array.from({ length: 1000 }, (_, index) =>
      bench.send({
        ...text(`mensagem ${index}`),
        to: `+55119${80_000_000 + index}`,
        biz_opaque_callback_data: `tentativa-${index}`,
      }),
    ),
  )
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1000)
  await receiver.until(() => receiver.statuses().length === 3000, 60_000)
  const kinds = Map.groupBy(receiver.statuses(), ({ status }) => status)
  for (const status of ['sent', 'delivered', 'read']) {
    const attempts = kinds.get(status)?.map((report) => report.biz_opaque_callback_data)
    expect(new Set(attempts).size).toBe(1000)
  }
  expect(receiver.posts.every(({ signatureValid }) => signatureValid)).toBe(true)
  await bench.close()
  await receiver.close()
})

it('reads only what is new since a cursor, and forgets when told', async () => {
  const bench = await startBench(undefined)
  bench.fail({ kind: 'silence' })
  await bench.send(text('um'))
  const { cursor } = bench.ledger()
  await bench.send(text('dois'))
  const { json } = await bench.steer('GET', `ledger?since=${cursor}`)
  expect(json.calls).toMatchObject([{ body: { text: { body: 'dois' } } }])
  expect((await bench.steer('GET', 'ledger?since=2999-01-01T00:00:00Z')).json.calls).toEqual([])
  expect((await bench.steer('GET', 'ledger?since=ontem')).status).toBe(400)
  await bench.steer('DELETE', 'ledger')
  expect((await bench.steer('GET', 'ledger')).json).toMatchObject({ calls: [], events: [] })
  await bench.close()
})

it('closes while calls hang, reports wait and webhooks are tried again', async () => {
  const receiver = await startReceiver(() => 500)
  const pending = new Set<() => void>()
  const clock = {
    now: () => Date.now(),
    after(delayMs: number, run: () => void) {
      const cancel = () => {
        clearTimeout(timer)
        pending.delete(cancel)
      }
      const timer = setTimeout(() => {
        pending.delete(cancel)
        run()
      }, delayMs)
      pending.add(cancel)
      return cancel
    },
  }
  const bench = await startBench(receiver.url, { clock, delays: { sentMs: 1, readMs: 60_000 } })
  bench.fail({ kind: 'hang-after-accept' })
  const hanging = bench.send(text('x'))
  const lost = expect(hanging).rejects.toThrow()
  await receiver.until(() => receiver.posts.length > 2)
  expect(pending.size).toBeGreaterThan(0)
  await bench.close()
  await lost
  await expect(fetch(bench.url)).rejects.toThrow()
  expect(pending.size).toBe(0)
  await receiver.close()
})

it('shows a page in Portuguese that asks nobody else for anything', async () => {
  const bench = await startBench(undefined)
  bench.inbound({ from: '+5511987654321', name: 'Ana', content: { type: 'text', text: 'Oi' } })
  const page = await (await fetch(bench.url)).text()
  expect(page).toContain('<html lang="pt-BR">')
  expect(page).not.toMatch(/https?:\/\//)
  expect((await bench.steer('GET', 'conversations')).json.conversations).toMatchObject([
    { name: 'Ana', waId: '5511987654321', messages: [{ direction: 'inbound', text: 'Oi' }] },
  ])
  await bench.close()
})
