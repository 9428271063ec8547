import type { ReactNode, SVGProps } from "react"

type IconProps = { size?: number } & Omit<SVGProps<SVGSVGElement>, "children">

function stroked(shape: ReactNode) {
  return function Icon({ size = 18, className = "", ...rest }: IconProps) {
    return (
      <svg
        aria-hidden="true"
        viewBox="0 0 20 20"
        width={size}
        height={size}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
        strokeLinejoin="round"
        className={`shrink-0 ${className}`}
        {...rest}
      >
        {shape}
      </svg>
    )
  }
}

export const PlusIcon = stroked(<path d="M10 4v12M4 10h12" />)
export const MinusIcon = stroked(<path d="M4 10h12" />)
export const CheckIcon = stroked(<path d="m4 10.5 4 4 8-9" />)
export const XIcon = stroked(<path d="m5 5 10 10M15 5 5 15" />)
export const MenuIcon = stroked(<path d="M3 6h14M3 10h14M3 14h14" />)
export const ChevronDownIcon = stroked(<path d="m5 7.5 5 5 5-5" />)
export const ChevronRightIcon = stroked(<path d="m7.5 5 5 5-5 5" />)
export const ArrowRightIcon = stroked(<path d="M4 10h12m-5-5 5 5-5 5" />)
export const ArrowLeftIcon = stroked(<path d="M16 10H4m5-5-5 5 5 5" />)
export const ArrowUpIcon = stroked(<path d="M10 16V4m-5 5 5-5 5 5" />)
export const ArrowDownIcon = stroked(<path d="M10 4v12m-5-5 5 5 5-5" />)
export const ExternalIcon = stroked(<path d="M8 5H4v11h11v-4M11.5 4H16v4.5M16 4l-7 7" />)
export const DownloadIcon = stroked(<path d="M10 3v9.500m-4-4 4 4 4-4M4 16.500h12" />)
export const FullScreenIcon = stroked(
  <path d="M8 3.500H3.500V8M12 3.500h4.500V8M8 16.500H3.500V12M12 16.500h4.500V12" />,
)
export const SearchIcon = stroked(
  <>
    <circle cx="9" cy="9" r="5" />
    <path d="m12.8 12.8 3.7 3.7" />
  </>,
)
export const CopyIcon = stroked(
  <>
    <rect x="7" y="7" width="9.5" height="9.5" rx="1.5" />
    <path d="M4.5 13H4A1 1 0 0 1 3 12V4a1 1 0 0 1 1-1h8a1 1 0 0 1 1 1v.5" />
  </>,
)
export const LockIcon = stroked(
  <>
    <rect x="4" y="9" width="12" height="8" rx="1.5" />
    <path d="M7 9V6.500a3 3 0 0 1 6 0V9" />
  </>,
)
export const GlobeIcon = stroked(
  <>
    <circle cx="10" cy="10" r="7" />
    <path d="M3 10h14M10 3c2.5 2 3.5 4.5 3.5 7s-1 5-3.5 7c-2.5-2-3.5-4.5-3.5-7s1-5 3.5-7Z" />
  </>,
)
export const SunIcon = stroked(
  <>
    <circle cx="10" cy="10" r="3.2" />
    <path d="M10 2.500v1.500M10 16v1.500M2.5 10H4M16 10h1.500M4.7 4.700l1 1M14.3 14.300l1 1M15.3 4.700l-1 1M5.7 14.300l-1 1" />
  </>,
)
export const MoonIcon = stroked(<path d="M16.5 11.800A7 7 0 0 1 8.2 3.500a7 7 0 1 0 8.3 8.300Z" />)
export const MonitorIcon = stroked(
  <>
    <rect x="2.5" y="4" width="15" height="10" rx="1.5" />
    <path d="M7 17h6M10 14v3" />
  </>,
)
export const AlertIcon = stroked(
  <>
    <path d="M10 3 2.5 16.500h15L10 3Z" />
    <path d="M10 8.500v3.500M10 14.200v.1" />
  </>,
)
export const ErrorIcon = stroked(
  <>
    <circle cx="10" cy="10" r="7.2" />
    <path d="M10 6.200v4.600M10 13.600v.1" />
  </>,
)
export const InfoIcon = stroked(
  <>
    <circle cx="10" cy="10" r="7.2" />
    <path d="M10 9.400v4.400M10 6.500v.1" />
  </>,
)
export const CheckCircleIcon = stroked(
  <>
    <circle cx="10" cy="10" r="7.2" />
    <path d="m6.8 10.3 2.2 2.2 4.2-4.8" />
  </>,
)
export const ClockIcon = stroked(
  <>
    <circle cx="10" cy="10" r="7.2" />
    <path d="M10 6v4l2.6 1.8" />
  </>,
)
export const KeyIcon = stroked(
  <>
    <circle cx="6.5" cy="13.5" r="3.5" />
    <path d="m9 11 7.5-7.500M13 7l2.5 2.5" />
  </>,
)
export const CpuIcon = stroked(
  <>
    <rect x="5" y="5" width="10" height="10" rx="1.5" />
    <path d="M8.5 8.500h3v3h-3zM8 2.500V5M12 2.500V5M8 15v2.500M12 15v2.500M2.5 8H5M2.5 12H5M15 8h2.500M15 12h2.5" />
  </>,
)
export const GpuIcon = stroked(
  <>
    <path d="M2.5 4v13M2.5 6h15v8h-15M5.5 14v2.500h6V14" />
    <circle cx="12.5" cy="10" r="2" />
    <path d="M5.5 8.800h3M5.5 11.200h3" />
  </>,
)
export const BoxIcon = stroked(
  <path d="M10 2.8 3.5 6.200v7.600L10 17.200l6.5-3.400V6.200L10 2.800ZM3.5 6.2 10 9.700l6.5-3.500M10 9.700v7.5" />,
)
export const UserIcon = stroked(
  <>
    <circle cx="10" cy="7" r="3.2" />
    <path d="M3.8 17c.6-3.3 3-5 6.2-5s5.6 1.7 6.2 5" />
  </>,
)
export const SettingsIcon = stroked(
  <>
    <path d="M3 6h7M14 6h3M3 14h3M10 14h7" />
    <circle cx="12" cy="6" r="2" />
    <circle cx="8" cy="14" r="2" />
  </>,
)
export const SignOutIcon = stroked(<path d="M8 3.500H4v13h4M8.5 10H17m-3.5-3.500L17 10l-3.5 3.5" />)
export const TrashIcon = stroked(
  <path d="M3.5 5.500h13M8 5.500V3.500h4v2M5.5 5.500l.7 11h7.600l.7-11M8.5 8.800v4.700M11.5 8.800v4.7" />,
)
export const TerminalIcon = stroked(
  <>
    <rect x="2.5" y="3.5" width="15" height="13" rx="1.5" />
    <path d="m5.5 7.5 2.5 2.5-2.5 2.500M10.5 12.500h4" />
  </>,
)
