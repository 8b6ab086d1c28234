"""gatekeeper holds every open deal against its stage's exit criteria.

The wheel carries two buildings. The house (everything but `sandbox`) pulls deals
from a CRM, evaluates a rule pack by pure functions and writes one task per deal and
a few flag fields. The sandbox is a CRM to run against without an account.
"""

__version__ = "0.1.0"
