/** Mails as they came in, where SES puts them. */
export interface RawMails {
  /** The only place that is read, whatever a notification names. */
  readonly bucket: string
  /** `too-large`: more than `maxBytes`, and not read. `gone`: erased, or removed by its age. */
  read(objectKey: string, maxBytes: number): Promise<Uint8Array | 'too-large' | 'gone'>
}
