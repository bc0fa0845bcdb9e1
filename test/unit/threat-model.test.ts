import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const root = new URL('../../', import.meta.url)
const text = readFileSync(new URL('docs/threat-model.md', root), 'utf8')

describe('the threat model', () => {
  it('answers F26 to F39, each once, with a defence', () => {
    const rows = text.split('\n').flatMap((line) => {
      const [, id = '', harm = '', defence = ''] = line.split(' | ').map((cell) => cell.trim())
      const [, first] = /^\| (F\d+)$/.exec(line.split(' | ')[0] ?? '') ?? []
      return first === undefined
        ? []
        : [{ first, isAnswered: id !== '' && harm !== '' && defence !== '' }]
    })
    expect(rows).toEqual(
      Array.from({ length: 14 }, (_, place) => ({ first: `F${26 + place}`, isAnswered: true })),
    )
  })

  it('names tests that are there', () => {
    const named = [...text.matchAll(/`(test\/[^` ]+)`/g)].map(([, name = '']) => name)
    expect(named.length).toBeGreaterThan(30)
    expect(named.filter((name) => !existsSync(new URL(`${name}.test.ts`, root)))).toEqual([])
  })

  it('names commands that are there', () => {
    const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
    const named = [...text.matchAll(/`npm run ([a-z-]+)/g)].map(([, name = '']) => name)
    expect(named.length).toBeGreaterThan(1)
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([])
  })
})
