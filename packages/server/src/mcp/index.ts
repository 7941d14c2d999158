/** `@countersign/server/mcp`: the tools of the MCP server, without the server. What `countersign mcp` is made of. */
export { openChain, type Chain } from '../chains/Chain.ts'
export { createMcp, type McpParts } from './createMcp.ts'
export { refusal, withCode } from './refusal.ts'
export { explained, proposed, shown, simulated, type Proposed } from './answers.ts'
export { judgeDraft } from './judgeDraft.ts'
export { readCard } from './readCard.ts'
export { scanSkillFiles, type GivenFile } from './scanSkillFiles.ts'
export { CARD_URI, TOOL_NAMES, TOOLS, type Tool, type ToolAnswer, type ToolName } from './Tool.ts'
