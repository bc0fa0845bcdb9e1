/** JSON, with what JSON leaves as it is and a terminal would obey. */
export function printable(json: string): string {
  return json.replace(/[\u007f-\u009f]/g, (control) => `\\u00${control.charCodeAt(0).toString(16)}`)
}
