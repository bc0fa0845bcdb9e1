import { Duration, Validations } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import type * as kms from 'aws-cdk-lib/aws-kms'
import * as s3 from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'
import { keepForRestores } from '#infra/aws/keys-and-secrets.ts'

/** Sealed webhook chunks too large for a queue; as long-lived as a message in a DLQ. */
export function chunkBucket(scope: Construct, encryptionKey: kms.Key): s3.Bucket {
  const bucket = new s3.Bucket(scope, 'Chunks', {
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    bucketKeyEnabled: true,
    encryption: s3.BucketEncryption.KMS,
    encryptionKey,
    enforceSSL: true,
    lifecycleRules: [
      { expiration: Duration.days(14), abortIncompleteMultipartUploadAfter: Duration.days(1) },
    ],
    minimumTLSVersion: 1.2,
    removalPolicy: keepForRestores,
  })
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason:
      'Holds sealed bytes for 14 days, written by one function and read by one; access logs ' +
      'would be a second bucket that says nothing more.',
  })
  return bucket
}

/**
 * Ends of the audit's chains, each day's written once: in compliance mode nobody, the account's root
 * neither, can change or remove a version before its time. A name that is taken stays as it is, so
 * that no newer version hides what was written.
 */
export function auditBucket(scope: Construct, lockYears: number): s3.Bucket {
  const bucket = new s3.Bucket(scope, 'Audit', {
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    // With a key of ours, who removes the key removes the proof.
    encryption: s3.BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    objectLockEnabled: true,
    objectLockDefaultRetention: s3.ObjectLockRetention.compliance(Duration.days(366 * lockYears)),
    removalPolicy: keepForRestores,
    versioned: true,
  })
  bucket.addToResourcePolicy(
    new iam.PolicyStatement({
      effect: iam.Effect.DENY,
      principals: [new iam.AnyPrincipal()],
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects('*')],
      conditions: { Null: { 's3:if-none-match': 'true' } },
    }),
  )
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason: 'One function writes an object a day; who reads hashes learns nothing of anybody.',
  })
  return bucket
}

/**
 * Files that go out and came in, kept as long as their messages. What clients upload lies under
 * `uploads/` until it is checked and copied; what is never completed goes by itself.
 */
export function mediaBucket(scope: Construct, encryptionKey: kms.Key): s3.Bucket {
  const bucket = new s3.Bucket(scope, 'Media', {
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    bucketKeyEnabled: true,
    encryption: s3.BucketEncryption.KMS,
    encryptionKey,
    enforceSSL: true,
    lifecycleRules: [
      { abortIncompleteMultipartUploadAfter: Duration.days(1) },
      { prefix: 'uploads/', expiration: Duration.days(1) },
      { prefix: 'exports/', expiration: Duration.days(7) },
    ],
    minimumTLSVersion: 1.2,
    removalPolicy: keepForRestores,
  })
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason:
      'Every address for an object is handed out by a function that logs who asked; access logs ' +
      'would repeat names of objects in a second bucket.',
  })
  return bucket
}

/**
 * The ledger of erasures: ids and times, replayed after a restore. Kept as long as the deployment, in
 * every version: whoever restores the database needs all of it.
 */
export function ledgerBucket(scope: Construct, encryptionKey: kms.Key): s3.Bucket {
  const bucket = new s3.Bucket(scope, 'Ledger', {
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    bucketKeyEnabled: true,
    encryption: s3.BucketEncryption.KMS,
    encryptionKey,
    enforceSSL: true,
    versioned: true,
    lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    minimumTLSVersion: 1.2,
    removalPolicy: keepForRestores,
  })
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason: 'Holds ids and times, written by one function and read by operators after a restore.',
  })
  return bucket
}
