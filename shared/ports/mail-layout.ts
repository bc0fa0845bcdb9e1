import type { FilledMail } from '../domain/mail-template.ts'

/** How mails look. */
export interface MailLayout {
  /** The mail as HTML, all of its texts escaped; `from` is whose mail it is, in its foot. */
  html(mail: FilledMail, from: string | undefined): string
}
