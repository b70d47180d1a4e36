"""The way back from an organization's own sign-in service, stricter than the library's.

The library takes an identity token from the token endpoint on trust, as OpenID Connect allows over TLS (Core 1.0, 3.1.3.7). A
service behind a proxy that ends TLS, or a mistake in its address, would make that trust empty: we check the signature always, and
that token and user information speak of the same person (5.3.2).
"""

from typing import Any

from allauth.account.internal.decorators import login_not_required
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import Http404, HttpRequest, HttpResponse


class Verifying(OpenIDConnectOAuth2Adapter):  # type: ignore[misc] # the library ships no types
    """Accepts a sign-in only with an identity token that the service has signed."""

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **given: Any) -> Any:
        if not given["response"].get("id_token"):
            raise OAuth2Error("The service sent no identity token.")
        self.did_fetch_access_token = False  # the library then fetches the service's keys and checks the signature
        try:
            login = super().complete_login(request, app, token, **given)
        except TypeError as wrong:  # signed by a method that the service's keys are not for
            raise OAuth2Error("Invalid id_token") from wrong
        said = login.account.extra_data
        if said.get("userinfo", {}).get("sub") != said.get("id_token", {}).get("sub"):
            raise OAuth2Error("Identity token and user information speak of different people.")
        return login


@login_not_required  # type: ignore[untyped-decorator] # as above
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    try:
        view = OAuth2CallbackView.adapter_view(Verifying(request, provider_id))
        answer: HttpResponse = view(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    return answer
