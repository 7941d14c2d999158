import { useEffect, useRef, type ReactNode } from 'react'

/**
 * A dialog over the page, open from the start. What ends it stays at its lower edge, in sight, however long the rest is:
 * a phone shows a part of it.
 *
 * @param onClose - Called when it is over, by its own button or by the key for that.
 * @param foot - The buttons; given what closes the dialog.
 */
export function Dialog({
  title,
  titleId,
  width = 'narrow',
  onClose,
  foot,
  children,
}: {
  title: string
  titleId: string
  width?: 'narrow' | 'wide'
  onClose: () => void
  foot: (close: () => void) => ReactNode
  children: ReactNode | ((close: () => void) => ReactNode)
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const close = (): void => dialog.current?.close()
  return (
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      onClose={onClose}
      className={`panel ${width === 'wide' ? 'w-[min(38rem,calc(100vw-1rem))]' : 'w-[min(34rem,calc(100vw-1rem))]'}`}
    >
      <h2 id={titleId} className="text-lg font-semibold">
        {title}
      </h2>
      {typeof children === 'function' ? children(close) : children}
      <div className="panel-foot">{foot(close)}</div>
    </dialog>
  )
}
