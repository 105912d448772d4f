"""Record what Graph answers, as shapes without contents, and compare that with what connectorwatch assumes of Graph."""
