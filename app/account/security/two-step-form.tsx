"use client"

import { useState } from "react"

import { ActionFold } from "@/components/ui/action-fold"
import { Button, ButtonLink } from "@/components/ui/button"
import { CodeBlock } from "@/components/ui/code-block"
import { Field, TextInput } from "@/components/ui/field"
import { Notice } from "@/components/ui/notice"
import { Time } from "@/components/ui/time"
import { useActionForm } from "@/components/use-action-form"
import type { Setup } from "@/lib/two-factor/two-factor"
import { twoStepAction, type TwoStepState } from "../actions"
import { Outcome } from "../profile-form"

type Props = { twoStep: { since: string; recovery_codes_left: number } | null; hasPassword: boolean; username: string }

const fresh: TwoStepState = { ok: false, values: {}, detail: "", fields: {} }

/** Sets up two-step sign-in in two steps, and manages it once it is on. */
export function TwoStepForm({ twoStep, hasPassword, username }: Props) {
  const { state, pending, notice, props } = useActionForm<TwoStepState>(twoStepAction, fresh, {
    reset: true,
  })
  const { codes } = state
  // Without a response from the server, the setup continues.
  const [begun, keep] = useState(state.setup)
  if (state.done !== undefined && state.setup !== begun) keep(state.setup)
  const setup = state.done === undefined ? begun : state.setup
  const settingUp = twoStep === null && setup !== undefined
  return (
    <form {...props} className="grid grid-cols-[minmax(0,1fr)] gap-5">
      {codes ? (
        <div ref={notice} tabIndex={-1} className="rounded-lg">
          <RecoveryCodes
            codes={codes}
            title={state.done === "confirm" ? "Two-step sign-in is on" : "New recovery codes"}
          />
        </div>
      ) : (
        !(state.ok && setup) && <Outcome state={state} notice={notice} saved="Two-step sign-in is off." />
      )}
      <input type="text" name="username" value={username} autoComplete="username" readOnly hidden />
      {settingUp && (
        <div ref={state.ok ? notice : undefined} tabIndex={-1} className="rounded-lg">
          <NewApp setup={setup} />
        </div>
      )}
      {twoStep && <TwoFactorStatus {...twoStep} />}
      <div ref={state.done === "cancel" ? notice : undefined} tabIndex={-1} className="rounded-lg">
        {settingUp ? (
          <div className="grid gap-5">
            <div className="sm:max-w-xs">
              <CodeField error={state.fields.code} hint="The six digits shown in your app." autoFocus />
            </div>
            <div className="flex flex-wrap gap-3">
              <Button
                type="submit"
                name="change"
                value="confirm"
                variant="primary"
                pending={pending}
                pendingLabel="Checking…"
              >
                Turn on
              </Button>
              <Button type="submit" name="change" value="cancel" variant="quiet">
                Cancel
              </Button>
            </div>
          </div>
        ) : (
          <ActionFold
            label={twoStep ? "Change two-step sign-in…" : "Set up two-step sign-in…"}
            forced={!state.ok && state.detail !== ""}
          >
            <div className="grid max-w-md gap-5">
              {hasPassword && (
                <Field label="Password" id="step-password" error={state.fields.password}>
                  {(control) => (
                    <TextInput {...control} name="password" type="password" autoComplete="current-password" required />
                  )}
                </Field>
              )}
              {twoStep && (
                <CodeField error={state.fields.code} hint="The six digits shown in your app, or a recovery code." />
              )}
              <div className="flex flex-wrap gap-3">
                {twoStep ? (
                  <>
                    <Button type="submit" name="change" value="codes">
                      Create new recovery codes
                    </Button>
                    <Button type="submit" name="change" value="off" className="text-danger!">
                      Turn off
                    </Button>
                  </>
                ) : (
                  <Button type="submit" name="change" value="begin" pending={pending} pendingLabel="Preparing…">
                    Set up two-step sign-in
                  </Button>
                )}
              </div>
            </div>
          </ActionFold>
        )}
      </div>
    </form>
  )
}

const CodeField = ({ error, hint, autoFocus }: { error: string | undefined; hint: string; autoFocus?: boolean }) => (
  <Field label="Code" id="step-code" error={error} hint={hint}>
    {(control) => (
      <TextInput
        {...control}
        name="code"
        mono
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={40}
        required
        autoFocus={autoFocus}
        onFocus={(event) => event.currentTarget.select()}
      />
    )}
  </Field>
)

function TwoFactorStatus({ since, recovery_codes_left: left }: NonNullable<Props["twoStep"]>) {
  return (
    <>
      <p className="text-muted">
        Turned on <Time iso={since} />. {left === 1 ? "1 recovery code is" : `${left} recovery codes are`} left.
      </p>
      {left < 4 && (
        <Notice kind="warn">
          Create new recovery codes before you need them: without your app, they are the only way to sign in.
        </Notice>
      )}
    </>
  )
}

/** The secret for an authenticator app, as a QR code and as text. */
function NewApp({ setup: { setupToken, secret, address, qr } }: { setup: Setup }) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <input type="hidden" name="setup_token" value={setupToken} />
      <p>
        Scan this with an authenticator app such as Aegis, 1Password or Google Authenticator. On your phone,{" "}
        <a href={address} className="link">
          open it in your app
        </a>
        .
      </p>
      <svg
        role="img"
        aria-label="QR code for your authenticator app"
        viewBox={`0 0 ${qr.size} ${qr.size}`}
        shapeRendering="crispEdges"
        className="w-full max-w-56 rounded-lg border border-line"
      >
        <rect width={qr.size} height={qr.size} fill="#ffffff" />
        <path d={qr.path} fill="#000000" />
      </svg>
      <div className="grid gap-1.5">
        <p>Or enter this key in the app:</p>
        <CodeBlock
          code={secret.match(/.{1,4}/g)!.join(" ")}
          copyText={secret}
          label="Key for your authenticator app"
          wrap
          className="max-w-md"
        />
      </div>
    </div>
  )
}

function RecoveryCodes({ codes, title }: { codes: string[]; title: string }) {
  const text = codes.join("\n")
  return (
    <Notice kind="success" title={title} role="status">
      <p>
        Store these recovery codes where you can find them without your phone. Each works once instead of a code. Only
        their hashes are stored, so you cannot see them again.
      </p>
      <CodeBlock code={text} label="Your recovery codes" />
      <ButtonLink
        href={`data:text/plain;charset=utf-8,${encodeURIComponent(`${text}\n`)}`}
        download="understudy-recovery-codes.txt"
        prefetch={false}
        size="sm"
        autoFocus
      >
        Download as text
      </ButtonLink>
    </Notice>
  )
}
