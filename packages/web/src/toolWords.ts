import { t } from './text/text.ts'

/** A tool's work in words; the tool of an app by its name, in quotation marks, because its maker chose the name. */
export function toolText(tool: string): string {
  const { tools, appTool } = t().chat
  return Object.hasOwn(tools, tool) ? tools[tool as keyof typeof tools] : appTool(tool.slice(0, 60))
}
