import { join, resolve } from 'node:path'
import { App, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks } from 'cdk-nag'
import { RecadoStack } from '#infra/aws/recado-stack.ts'
import { type Settings, settingsOf, unsetSettings } from '#infra/aws/settings.ts'
import { bundleFunctions, topologyEntries } from '#infra/bundle.ts'

const root = resolve(import.meta.dirname, '..')

/** In code, not in cdk.json, because this file also runs without the CDK's command line. */
const flags = {
  '@aws-cdk/core:validateAgainstDefaultRules': true,
  '@aws-cdk/core:strictCfnValidateErrors': true,
  '@aws-cdk/core:checkSecretUsage': true,
  '@aws-cdk/core:enablePartitionLiterals': true,
  '@aws-cdk/core:target-partitions': ['aws'],
  '@aws-cdk/aws-iam:minimizePolicies': true,
  '@aws-cdk/aws-lambda:recognizeLayerVersion': true,
  '@aws-cdk/aws-s3:publicAccessBlockedByDefault': true,
}

export interface Synthesis {
  /** Where the assembly (template, asset manifest) is written; the CDK's own default if left out. */
  readonly outdir?: string
  /** Holds `<functionName>/index.mjs` for every function of the topology. */
  readonly codeDirectory: string
  /** What `-c key=value` would give; a value from the CDK's command line wins. */
  readonly context?: Readonly<Record<string, unknown>>
}

export interface Synthesised {
  readonly outdir: string
  readonly stackName: string
  readonly templateFile: string
  readonly settings: Settings
}

/**
 * Writes the cloud assembly, offline and without an account, and checks it with the
 * CloudFormation validator and cdk-nag.
 * @throws Error with the findings, or with the names of wrong context values. Under the CDK's
 * command line findings set the exit code instead.
 */
export function synthesize({ outdir, codeDirectory, context }: Synthesis): Synthesised {
  const app = new App({
    analyticsReporting: false,
    context: { ...flags, ...context },
    ...(outdir === undefined ? {} : { outdir: resolve(outdir) }),
  })
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
  const settings = settingsOf(app.node)
  const stack = new RecadoStack(app, 'Recado', { settings, codeDirectory: resolve(codeDirectory) })
  const assembly = app.synth()
  return {
    outdir: assembly.directory,
    stackName: stack.stackName,
    templateFile: join(assembly.directory, stack.templateFile),
    settings,
  }
}

if (import.meta.main) {
  const codeDirectory = join(root, 'build/functions')
  await bundleFunctions({ outputDirectory: codeDirectory, entries: topologyEntries })
  // The CDK's command line says where it wants the assembly.
  const outdir = process.env.CDK_OUTDIR ?? join(root, 'cdk.out')
  const context = { region: process.env.CDK_DEFAULT_REGION }
  const { settings } = synthesize({ outdir, codeDirectory, context })
  for (const key of unsetSettings(settings)) {
    console.error(`context ${key} is a placeholder: set it with -c ${key}=… before you deploy`)
  }
}
