/**
 * Where SES receives mail. The first ten: announcement of 29 September 2023
 * (aws.amazon.com/about-aws/whats-new/2023/09/amazon-ses-email-service-7-regions). The others: their
 * `inbound-smtp.<region>.amazonaws.com` is the MX of domains in public use in 2025 and 2026; AWS
 * lists them under "Email receiving endpoints" (docs.aws.amazon.com/general/latest/gr/ses.html).
 */
export const receivingRegions = [
  'us-east-1',
  'us-east-2',
  'us-west-2',
  'ca-central-1',
  'eu-central-1',
  'eu-west-1',
  'eu-west-2',
  'ap-northeast-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-south-1',
  'eu-north-1',
  'sa-east-1',
] as const

export function receivesMail(region: string): boolean {
  return receivingRegions.some((known) => known === region)
}
