"""A person who asks for codes too fast gets a page that says so, wherever in the sign-up that happens."""

from inspect import iscoroutinefunction

from allauth.core.exceptions import RateLimited
from allauth.core.ratelimit import respond_429
from django.utils.decorators import sync_and_async_middleware


@sync_and_async_middleware
def too_fast(get_response):
    """allauth turns its limits into pages at its doors, but not where a stage sends the code."""

    def process_exception(request, exception):
        return respond_429(request) if isinstance(exception, RateLimited) else None

    if iscoroutinefunction(get_response):

        async def middleware(request):
            return await get_response(request)

    else:

        def middleware(request):
            return get_response(request)

    middleware.process_exception = process_exception
    return middleware
