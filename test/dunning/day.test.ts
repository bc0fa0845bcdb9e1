import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { makeTemplates, type Templates } from '#test/faults/sql/template.ts'
import { evaluateDay } from './portfolio.ts'

/** A cut of `npm run year -- --debts 100000`. */
describe("a day's looks at a portfolio", () => {
  let templates: Templates

  beforeAll(async () => {
    templates = await makeTemplates(inject('postgres'))
  })
  afterAll(() => templates.close())

  it('take one database call for 500 debts at most', async () => {
    const database = await templates.open()
    const figures = await evaluateDay(database, { debts: 3000, days: 120 })
    await database.close()
    expect(figures.sent).toBeGreaterThan(150)
    expect(figures.decided).toBeGreaterThan(1000)
    expect(figures.total).toBeLessThanOrEqual(3000 / 500)
  }, 120_000)

  it('fit into requests where all was sold today and is due today', async () => {
    const database = await templates.open()
    const figures = await evaluateDay(database, { debts: 500, days: 1, createdDaysAgo: 0 })
    await database.close()
    expect(figures).toMatchObject({ sent: 500, decided: 1500 })
    expect(figures.mostRequestBytes).toBeLessThan(2_750_000)
  }, 120_000)
})
