// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/policy_dialog.h"

#include "app/gui/form_parts.h"
#include "app/gui/live_data.h"
#include "app/gui/policy_actions.h"
#include "app/gui/texts.h"
#include "dbus/names.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QEvent>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

using namespace std::chrono_literals;

namespace weir::gui {

namespace {

constexpr auto kPreviewPause = 300ms; ///< while somebody types nothing is asked

QLabel *noticeLabel()
{
    auto *label = new QLabel;
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setProperty("notice", true);
    return label;
}

} // namespace

PolicyDialog::PolicyDialog(client::Policy policy, LiveData &live, PolicyActions &actions,
                           const dbus::WatchRow &watch, QWidget *parent)
    : QDialog(parent), m_policy(policy), m_live(live), m_actions(actions), m_watch(watch),
      m_enabled(new QCheckBox(tr("Switched on"))), m_sentence(noticeLabel()), m_reason(hintLabel()),
      m_message(noticeLabel())
{
    m_message->hide();
    m_preview.setSingleShot(true);
    m_preview.setInterval(kPreviewPause);
    connect(&m_preview, &QTimer::timeout, this, [this] {
        if (wrong().isEmpty())
            askPreview();
    });
    connect(&live, &LiveData::reachChanged, this, [this] {
        if (m_live.reach() == Reach::Live)
            m_preview.start();
    });
}

void PolicyDialog::finish(QWidget *body)
{
    auto *buttons = new QDialogButtonBox;
    m_save = buttons->addButton(tr("Save"), QDialogButtonBox::AcceptRole);
    m_save->setProperty("primary", true);
    m_save->setDefault(true);
    buttons->addButton(tr("Cancel"), QDialogButtonBox::RejectRole);
    m_remove = new QPushButton(tr("Remove"));
    m_remove->setAutoDefault(false);
    m_remove->setToolTip(tr("Takes the %1 away; this can be undone").arg(text::policyName(m_policy)));
    auto *foot = new QHBoxLayout;
    foot->addWidget(m_remove);
    foot->addStretch();
    foot->addWidget(buttons);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(24, 20, 24, 20);
    layout->setSpacing(12);
    layout->addWidget(m_enabled);
    layout->addWidget(body);
    layout->addWidget(m_sentence);
    layout->addWidget(m_reason);
    layout->addWidget(m_message);
    layout->addStretch();
    layout->addLayout(foot);
    setMinimumWidth(660);

    connect(m_enabled, &QCheckBox::toggled, this, &PolicyDialog::check);
    connect(buttons, &QDialogButtonBox::accepted, this, &PolicyDialog::save);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_remove, &QPushButton::clicked, this, &PolicyDialog::remove);
    load();
    check();
    for (QPushButton *button : findChildren<QPushButton *>())
        if (button != m_save)
            button->setAutoDefault(false); // Return saves, wherever one types
}

client::Limits PolicyDialog::limits() const
{
    return client::Limits(m_live.client());
}

/// Texts that wrap need more height as they change: the window grows with them, never over them.
bool PolicyDialog::event(QEvent *event)
{
    const bool handled = QDialog::event(event);
    if (event->type() == QEvent::LayoutRequest || event->type() == QEvent::Show) {
        const int needed = layout() ? layout()->totalHeightForWidth(width()) : 0;
        if (needed > height())
            resize(width(), needed);
    }
    return handled;
}

QString PolicyDialog::sentence() const
{
    return m_sentence->text();
}

QString PolicyDialog::reason() const
{
    return m_reason->text();
}

bool PolicyDialog::enabledWanted() const
{
    return m_enabled->isChecked();
}

void PolicyDialog::setEnabledWanted(bool enabled)
{
    m_enabled->setChecked(enabled);
}

void PolicyDialog::check()
{
    if (!m_save)
        return; // still being built
    arrange();
    const QString why = wrong();
    m_remove->setVisible(isSet());
    m_remove->setEnabled(!m_busy);
    m_save->setEnabled(why.isEmpty() && !m_busy);
    setHint(m_reason, why.isEmpty() ? QString() : tr("It cannot be saved yet: %1").arg(why), Tone::Plain);
    m_reason->setVisible(!why.isEmpty());
    m_sentence->setVisible(why.isEmpty());
    if (!why.isEmpty()) {
        m_preview.stop();
        clearPreview();
        return;
    }
    QString said =
        m_enabled->isChecked() ? describe() : tr("Switched off: it keeps its values and does nothing.");
    if (m_enabled->isChecked() && !m_watch.enabled)
        said += QLatin1Char(' ') + tr("While the watch is paused, as it is now, nothing is in force.");
    m_sentence->setText(said);
    m_sentence->setAccessibleName(m_sentence->text());
    if (!m_busy)
        m_preview.start();
}

void PolicyDialog::save()
{
    if (!m_save->isEnabled())
        return;
    setBusy(true);
    m_actions.set(m_policy, m_watch, fields(), this,
                  [this](const client::Answer<uint> &answer) { answered(answer); });
}

void PolicyDialog::remove()
{
    setBusy(true);
    m_actions.remove(m_policy, m_watch, this,
                     [this](const client::Answer<uint> &answer) { answered(answer); });
}

void PolicyDialog::answered(const client::Answer<uint> &answer)
{
    setBusy(false);
    if (answer)
        accept();
    else
        readAgain(answer);
}

void PolicyDialog::afterChange(const client::Answer<uint> &answer)
{
    setBusy(false);
    readAgain(answer);
}

/// After a change of our own the row is another; after a conflict only the watch of now can tell what was.
void PolicyDialog::readAgain(const client::Answer<uint> &answer)
{
    if (!answer && answer.error().name != dbus::error::kConflict)
        return showMessage(text::callError(answer.error()), true);
    m_live.client().watches(this, [this, answer](const client::Answer<dbus::WatchRows> &rows) {
        if (!rows)
            return showMessage(text::callError(rows.error()), true);
        const auto now = std::find_if(rows->begin(), rows->end(),
                                      [this](const dbus::WatchRow &row) { return row.name == m_watch.name; });
        if (now == rows->end())
            return showMessage(tr("This watch was removed or renamed elsewhere meanwhile."), true);
        if (!answer && now->revision == m_watch.revision)
            return showMessage(text::callError(answer.error()), true);
        m_watch = *now;
        if (!answer) {
            load();
            showMessage(tr("This watch was changed elsewhere meanwhile. It now reads as shown here: make "
                           "your change again."),
                        false);
        }
        check();
    });
}

void PolicyDialog::showMessage(const QString &text, bool error)
{
    setHint(m_message, text, error ? Tone::Error : Tone::Plain);
    m_message->show();
}

void PolicyDialog::setBusy(bool busy)
{
    m_busy = busy;
    m_message->hide();
    if (busy)
        showMessage(tr("Waiting for the service. It may ask for a password."), false);
    check();
}

} // namespace weir::gui
