"""Recommendations: what a member is likely to love next, and why. docs/recommendations.md gives the formulae."""
