/** What a part of a path, a query or a body is changed into, and what that is. */
export interface BadValue {
  readonly name: string
  readonly value: unknown
  /** Refused by whatever takes text. */
  readonly isNeverText?: true
}

const bad = (name: string, value: unknown): BadValue => ({ name, value })
const neverText = (name: string, value: string): BadValue => ({ name, value, isNeverText: true })

/** In the place of a part of a path: none of it names anything. */
export const badParts: readonly BadValue[] = [
  bad('an id that nobody has', '999999999999'),
  bad('0', '0'),
  bad('a negative id', '-1'),
  bad('a leading zero', '01'),
  bad('a word', 'abc'),
  bad('a fraction', '1.5'),
  bad('an exponent', '1e3'),
  bad('hexadecimal digits', '0x10'),
  bad('digits of another script', '١٢٣'),
  bad('a space', ' '),
  bad('an id with a space', ' 1'),
  bad('a plus', '+1'),
  bad('18 nines', '9'.repeat(18)),
  bad('more than a bigint', '9223372036854775808'),
  bad('30 nines', '9'.repeat(30)),
  bad('2,000 digits', '1'.repeat(2000)),
  bad('SQL', "1' or '1'='1"),
  bad('more SQL', '1; drop table chats; --'),
  bad('a cast', '1::text'),
  bad('a parameter of ours', ':tenant'),
  bad('U+0000', '\u0000'),
  bad('an id and U+0000', '1\u0000'),
  bad('a header of its own', '1\r\nset-cookie: a=b'),
  bad('a slash', '1/2'),
  bad('a step up', '../chats'),
  bad('a right-to-left mark', '\u202e1'),
  bad('an emoji', '👩🏽‍🚀'),
  bad('__proto__', '__proto__'),
  bad('constructor', 'constructor'),
  bad('a list', '[1]'),
  bad('a UUID that nobody has', '00000000-0000-4000-8000-000000000000'),
  bad('a UUID with a letter too many', '00000000-0000-4000-8000-00000000000g'),
  bad('null', 'null'),
  bad('undefined', 'undefined'),
]

/** In the place of a value of the query. */
export const badQueryValues: readonly BadValue[] = [
  bad('nothing', ''),
  neverText('U+0000', '\u0000'),
  neverText('a value and U+0000', 'A\u0000'),
  neverText('a header of its own', 'a\r\nset-cookie: a=b'),
  bad('a word', 'sideways'),
  bad('0', '0'),
  bad('101', '101'),
  bad('a negative number', '-1'),
  bad('a fraction', '1.5'),
  bad('600 letters', 'x'.repeat(600)),
  bad('an array', '[]'),
  bad('SQL', "' or 1=1 --"),
]

/** In the place of a value of the body; a text is put into JSON as it stands. */
export const badBodyValues: readonly BadValue[] = [
  neverText('U+0000', '"a\\u0000b"'),
  neverText('a lone high surrogate', '"a\\ud83d"'),
  neverText('a lone low surrogate', '"\\ude00a"'),
  neverText('ESC', '"a\\u001bb"'),
  bad('an empty text', '""'),
  bad('a text of spaces', '"  "'),
  bad('70,000 letters', `"${'x'.repeat(70_000)}"`),
  bad('null', 'null'),
  bad('a number', '1e400'),
  bad('another number', '-7.25'),
  bad('true', 'true'),
  bad('an object', '{}'),
  bad('a list', '[]'),
  bad('a list of lists', '[[[[]]]]'),
  bad('an object with __proto__', '{"__proto__":{"isAdmin":true}}'),
  bad('an object with a constructor', '{"constructor":{"prototype":{"isAdmin":true}}}'),
]

/** Whole bodies that are no JSON. */
export const notJsonBodies: readonly BadValue[] = [
  bad('half a body', '{"a":1'),
  bad('a form', 'a=1&b=2'),
  bad('two values', '{} {}'),
  bad('a comment', '{/* */}'),
  bad('NaN', '{"a":NaN}'),
  bad('a comma too many', '{"a":1,}'),
  bad('single quotes', "{'a':1}"),
  bad('a control character in a text', '{"a":"\u0007"}'),
  bad('UTF-16', Buffer.from('{"a":1}', 'utf16le')),
  bad('half a character', Buffer.from([0x22, 0xc3, 0x22])),
  bad('an overlong character', Buffer.from([0x22, 0xc0, 0xaf, 0x22])),
]

/** Whole bodies that are JSON and nothing that an operation takes. */
export const otherBodies: readonly BadValue[] = [
  bad('null', 'null'),
  bad('a number', '1'),
  bad('a text', '"text"'),
  bad('a list', '[]'),
  bad('a list of objects', '[{}]'),
  bad('an empty object', '{}'),
  bad('very deep nesting', `${'['.repeat(100_000)}${']'.repeat(100_000)}`),
  bad('deep nesting in a field', `{"a":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`),
]

/** Keys that are none. */
export const badKeys: readonly BadValue[] = [
  bad('an empty one', ''),
  bad('a space', 'a b'),
  bad('a letter with a cedilla', 'ç'),
  bad('256 letters', 'x'.repeat(256)),
]
